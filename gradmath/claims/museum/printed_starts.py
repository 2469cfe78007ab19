"""Exhibits: activations, growth rules and starts that were printed wrong."""

from __future__ import annotations

from gradmath.claims.museum.exhibit import Exhibit, Thread

STARTS: tuple[Exhibit, ...] = (
    Exhibit(
        "museum-elu-without-alpha",
        (
            Thread("phlippe/uvadlc_notebooks", 160),
            Thread("phlippe/uvadlc_notebooks", 161, "pull"),
        ),
        {
            "en": "A tutorial on activation functions gives its ELU a parameter $\\alpha$ and then "
            "computes $e^z - 1$ on the left, whatever $\\alpha$ is.",
            "zh": "一份讲激活函数的教程给 ELU 设了参数 $\\alpha$，计算左侧时却总用 $e^z - 1$，"
            "与 $\\alpha$ 无关。",
        },
        {
            "en": "$\\alpha\\,(e^z - 1)$ for $z \\le 0$. For $\\alpha = 1$ the two agree, so the "
            "tutorial's own curves may well be right.",
            "zh": "$z \\le 0$ 时为 $\\alpha\\,(e^z - 1)$。$\\alpha = 1$ 时两者相同，"
            "所以教程里的曲线很可能没有错。",
        },
        {
            "en": "A reader reported it politely, asked whether $\\alpha = 1$ had been meant, and "
            "sent the corrected line as a pull request. Both are open in the copies that we could "
            "read.",
            "zh": "一位读者客气地报告了它，询问是否本来就假定 $\\alpha = 1$，并提交了修正。"
            "我们能读到的副本里，两帖都未关闭。",
        },
        {
            "en": "A parameter that is never read looks fine as long as its default is used. A "
            "check must try other values than the defaults.",
            "zh": "只要一直用默认值，从未被读取的参数就看不出毛病。检查时必须换用非默认值。",
        },
    ),
    Exhibit(
        "museum-leaky-relu-as-min",
        (Thread("fengdu78/deeplearning_ai_books", 1),),
        {
            "en": "Notes on a well-known course had, by our notes, the leaky ReLU as the *smaller* "
            "of $0.01\\,z$ and $z$. (The thread shows the page as a picture, which we could not "
            "see; its text gives the right formula.)",
            "zh": "据我们的记录，一份知名课程的笔记把带泄漏的 ReLU 写成取 $0.01\\,z$ 与 $z$ 中"
            "**较小**者。（帖中原页是图片，我们看不到；文字部分给出了正确的公式。）",
        },
        {
            "en": "The *larger*: $\\max(0.01\\,z,\\; z)$.",
            "zh": "应取**较大**者：$\\max(0.01\\,z,\\; z)$。",
        },
        {
            "en": "The author of the notes had opened a thread to collect corrections, and asked "
            "readers for version and page. Several came; the author answered that all were done in "
            "a later version.",
            "zh": "笔记的作者专门开帖收集勘误，请读者注明版本与页码。"
            "读者列出多处，作者答复说均已在后来的版本中改正。",
        },
        {
            "en": "The leak is the smaller *slope*, and on the left the smaller slope gives the "
            "larger *value*. And a thread that invites corrections is worth copying.",
            "zh": "泄漏的**斜率**较小，但在左侧，斜率小反而**值**大。"
            "另外，主动征集勘误，值得效法。",
        },
    ),
    Exhibit(
        "museum-below-identity",
        (
            Thread("mbadry1/DeepLearning.ai-Summary", 1),
            Thread("mbadry1/DeepLearning.ai-Summary", 50, "pull"),
        ),
        {
            "en": "A summary of a course said that weights above the identity matrix explode, and "
            "that weights below it explode, too.",
            "zh": "一份课程总结里写道：权重大于单位阵会爆炸，小于单位阵也会爆炸。",
        },
        {
            "en": "Below it the signal *vanishes*. And it is not the weights that do either, but "
            "the activations and gradients that pass through them.",
            "zh": "小于单位阵时信号**消失**。而且，爆炸或消失的不是权重，"
            "而是经过它们的激活值和梯度。",
        },
        {
            "en": "A reader pointed at the line; the author thanked and corrected it within a day. "
            "A later change to that section was merged as well, and the line now speaks of "
            "activations and gradients.",
            "zh": "一位读者指出该行，作者一天之内致谢并改正。后来这一节又合并过一次修改，"
            "如今这一行说的是激活值与梯度。",
        },
        {
            "en": "Copying a line and changing one word of it is how this happens to everybody. "
            "For true matrices, by the way, *below the identity* is shorthand: it is the size of "
            "the layers' product that decides.",
            "zh": "复制一行再改一个词，谁都可能漏改。顺便一提，对真正的矩阵来说，"
            "“小于单位阵”只是个简便说法，起决定作用的是各层乘积的大小。",
        },
    ),
    Exhibit(
        "museum-half-width",
        (
            Thread("keras-team/keras", 372, "pull"),
            Thread("callummcdougall/ARENA_3.0", 414, "pull", read=False),
        ),
        {
            "en": "A library's uniform initialisers took the standard deviation $s$ that the rules "
            "prescribe and drew weights evenly from $[-s, s]$, as if that had the variance $s^2$.",
            "zh": "一个库的均匀初始化把规则要求的标准差 $s$ 直接当作半宽，在 $[-s, s]$ "
            "上均匀抽取权重，仿佛其方差就是 $s^2$。",
        },
        {
            "en": "The variance is $s^2/3$, so the half-width must be $\\sqrt 3\\, s$; that is "
            "where the 6 in Glorot's and He's uniform rules comes from.",
            "zh": "方差其实是 $s^2/3$，所以半宽应取 $\\sqrt 3\\, s$；"
            "Glorot 与 He 的均匀规则里的 6 就是这么来的。",
        },
        {
            "en": "It was reported together with the fix, for three rules at once. A maintainer "
            "asked for a source, got the equation's place in the paper and the formula for the "
            "variance, and the change was merged. Our notes name a second case, in a course's "
            "exercise, with a variance nine times off; we found no copy of that thread to read "
            "again, so we do not say what stood there, only what a factor of nine takes: three "
            "times the half-width.",
            "zh": "报告者同时给出了三条规则的修正。维护者请他注明出处，"
            "得到论文中公式的位置和方差公式后便合并了。我们的记录里还有一例，出自一门课程的练习，方差差了九倍；"
            "那个帖子我们没有找到可以重读的副本，所以不说原来怎么写，"
            "只说九倍意味着什么：半宽差了三倍。",
        },
        {
            "en": "Width, deviation and variance differ by roots and factors that no type checker "
            "sees. A sample's variance shows them in a second.",
            "zh": "宽度、标准差、方差之间差着根号与系数，类型检查发现不了；抽个样本算算方差，"
            "马上就清楚。",
        },
    ),
    Exhibit(
        "museum-lecun-called-xavier",
        (Thread("harvard-edge/cs249r_book", 1161),),
        {
            "en": "A course module introduced Xavier's rule with the deviation "
            "$\\sqrt{1/n_\\mathrm{in}}$.",
            "zh": "一门课程的模块介绍 Xavier 规则时，标准差写成 $\\sqrt{1/n_\\mathrm{in}}$。",
        },
        {
            "en": "That is LeCun's rule of 1998. Xavier's (Glorot's) of 2010 is "
            "$\\sqrt{2/(n_\\mathrm{in} + n_\\mathrm{out})}$, a compromise between the way forward "
            "and the way back. For square layers they are the same number.",
            "zh": "那是 LeCun 1998 年的规则。Xavier（Glorot）2010 年的规则是 "
            "$\\sqrt{2/(n_\\mathrm{in} + n_\\mathrm{out})}$，在前向与反向之间折中。"
            "输入输出一样多的层，两者数值相同。",
        },
        {
            "en": "A reader gave the numbers of both equations in both papers and left open "
            "whether the name or the formula should change. The thread is labelled as an erratum "
            "and closed.",
            "zh": "读者列出两篇论文里两个公式的编号，至于该改名称还是改公式，则留给作者决定。"
            "该帖标为勘误，现已关闭。",
        },
        {
            "en": "Both rules are good ones. Under the wrong name a good rule still misleads: "
            "whoever compares it with a library's Xavier gets other weights.",
            "zh": "两条都是好规则。但名字错了，好规则也会误导人："
            "拿它与库里的 Xavier 对照，得到的权重并不相同。",
        },
    ),
    Exhibit(
        "museum-selu-gain",
        (
            Thread("pytorch/pytorch", 54055),
            Thread("pytorch/pytorch", 50664, "pull"),
            Thread("pytorch/pytorch", 54057, "pull"),
        ),
        {
            "en": "A library's table of gains has $\\tfrac34$ for SELU. A gain is usually read as "
            "the factor that keeps a layer's output as large as its input.",
            "zh": "一个库的增益表里，SELU 一栏是 $\\tfrac34$。增益通常理解为：使一层的输出"
            "与输入一样大的系数。",
        },
        {
            "en": "The factor that does this for SELU is 1; the function was made so. With "
            "$\\tfrac34$ one wide layer takes the second moment from 1 to {=once}, and after "
            "{=layers} layers it is {=deep}; with 1 it is still {=kept}.",
            "zh": "对 SELU 来说，做到这一点的系数是 1，这个函数就是这样设计的。用 $\\tfrac34$ 时，"
            "一个足够宽的层把二阶矩从 1 变成 {=once}，{=layers} 层之后为 {=deep}；"
            "用 1 时仍是 {=kept}。",
        },
        {
            "en": "This is no slip of the pen. The value had been found by experiment, since it "
            "keeps *gradients* steady over a hundred layers, and was added with that experiment. "
            "An author who works on self-normalising networks objected that it breaks what SELU is "
            "for. Since much code relies on a default, the maintainers kept it and put a warning "
            "into the documentation: for self-normalising networks use the gain of a linear layer, "
            "and the default gives up the normalisation for steadier gradients.",
            "zh": "这不是笔误。这个值是实验得来的：它能让**梯度**在一百层里保持平稳，"
            "加入时附有该实验。一位研究自归一化网络的作者提出异议，说它破坏了 SELU 的初衷。"
            "由于许多代码依赖默认值，维护者保留了它，并在文档中加上警告："
            "构造自归一化网络应使用线性层的增益；默认值是以牺牲归一化换取更平稳的梯度。",
        },
        {
            "en": "*Keeps the signal* and *keeps the gradient* are two requirements, and for most "
            "activations no one number meets both. Say which one a gain is for.",
            "zh": "“保持信号”与“保持梯度”是两个要求，对大多数激活函数来说，"
            "没有一个数能同时满足。说到增益，要讲明是为了哪一个。",
        },
    ),
)  # fmt: skip
