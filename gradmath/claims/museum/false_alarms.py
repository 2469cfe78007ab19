"""Reports that turned out to be wrong where the formula was right, told as kindly as the others."""

from __future__ import annotations

from gradmath.claims.museum.exhibit import Exhibit, Thread

FALSE_ALARMS: tuple[Exhibit, ...] = (
    Exhibit(
        "museum-alarm-slope-of-the-value",
        (Thread("pjreddie/darknet", 2151),),
        {
            "en": "Several gradient functions of a neural-network library in C looked wrong: the "
            "sigmoid's, for one, returns $(1 - x)\\,x$ for its argument $x$.",
            "zh": "一个 C 语言神经网络库里有几个梯度函数看上去写错了，例如 sigmoid 的梯度函数"
            "对参数 $x$ 返回 $(1 - x)\\,x$。",
        },
        {
            "en": "The argument is not the pre-activation but the value that the activation has "
            "just returned. Written in that value the slopes are right, and they save an "
            "exponential.",
            "zh": "这里的参数不是预激活值，而是激活函数刚刚返回的值。用这个值来写，导数是对的，"
            "还省去一次指数运算。",
        },
        {
            "en": "The reporter found the reason, withdrew the report and closed it, leaving a "
            "line for whoever comes after.",
            "zh": "报告者自己弄清了原因，撤回报告并关闭了该帖，还给后来人留下一句说明。",
        },
        {
            "en": "The alarm was false, the confusion was not: an argument named $x$ in both "
            "functions invites it. A slope written in the output should say so in its name.",
            "zh": "警报是假的，困惑却是真的：两个函数的参数都叫 $x$，难免误会。"
            "用输出值写的导数，最好在名字里说明。",
        },
    ),
    Exhibit(
        "museum-alarm-row-or-column",
        (Thread("mml-book/mml-book.github.io", 465), Thread("mml-book/mml-book.github.io", 754)),
        {
            "en": "A textbook states that the derivatives of $x^{\\mathsf T} a$ and "
            "$a^{\\mathsf T} x$ by $x$ are $a^{\\mathsf T}$; it was reported that they should be "
            "$a$.",
            "zh": "一本教科书写道，$x^{\\mathsf T} a$ 与 $a^{\\mathsf T} x$ 对 $x$ 的导数都是 "
            "$a^{\\mathsf T}$；有人报告说应当是 $a$。",
        },
        {
            "en": "Both are right, each in its [layout](chapter/chain-rule.md). The book lets rows "
            "belong to the function, so the derivative of a number by a column is a row.",
            "zh": "两种写法都对，取决于[布局约定](chapter/chain-rule.md)。"
            "该书让行对应函数，所以一个数对列向量的导数是行向量。",
        },
        {
            "en": "An author answered in one sentence that gives the rule, and the thread was "
            "closed. Three years later another reader stumbled over the same place, and was "
            "answered with a line of algebra.",
            "zh": "作者用一句话说明了规则，帖子随即关闭。三年后另一位读者在同一处又生疑问，"
            "作者用一行推导作答。",
        },
        {
            "en": "Before calling a transpose a mistake, look up the book's convention. And a "
            "convention that two readers miss could be repeated where it is used.",
            "zh": "在认定转置写错之前，先查书里的约定。反过来，两位读者都没看到的约定，"
            "不妨在使用处再说一遍。",
        },
    ),
    Exhibit(
        "museum-alarm-outer-product",
        (Thread("udlbook/udlbook", 191),),
        {
            "en": "A picture of a textbook's equation for the derivative by a weight matrix was "
            "sent in as a typo; the author understood that the two factors should be switched.",
            "zh": "有人发来一张教科书中对权重矩阵求导公式的图片，说有笔误；"
            "作者理解为建议把两个因子对调。",
        },
        {
            "en": "The order is right: the result must have the shape of the matrix, one row for "
            "each output and one column for each input.",
            "zh": "原来的次序是对的：结果的形状必须与权重矩阵相同，每个输出一行，每个输入一列。",
        },
        {
            "en": "The author answered the next day with this very argument, and with sympathy "
            "for everybody who finds matrix calculus awkward. The thread is closed.",
            "zh": "作者次日就用这个理由作答，并说矩阵求导确实别扭，不必介怀。该帖已关闭。",
        },
        {
            "en": "Shapes decide most questions of order before any calculus is needed.",
            "zh": "次序问题，多半不用求导，看形状就能定下来。",
        },
    ),
    Exhibit(
        "museum-alarm-half-of-a-square",
        (Thread("mml-book/mml-book.github.io", 613), Thread("mml-book/mml-book.github.io", 226)),
        {
            "en": "In a textbook's example the gradient of "
            "$\\tfrac12\\, x^{\\mathsf T} A x - c^{\\mathsf T} x$ seemed to lack a factor "
            "$\\tfrac12$.",
            "zh": "一本教科书的例题里，$\\tfrac12\\, x^{\\mathsf T} A x - c^{\\mathsf T} x$ "
            "的梯度看上去少了因子 $\\tfrac12$。",
        },
        {
            "en": "The square's derivative brings a 2, and the two cancel: $A x - c$ for a "
            "symmetric $A$.",
            "zh": "平方求导带出因子 2，两者相消：$A$ 对称时梯度就是 $A x - c$。",
        },
        {
            "en": "The reader saw it within the day and took the report back. An older report on "
            "the same equation had been right: in an earlier draft a factor 2 really was missing, "
            "and the authors mended it.",
            "zh": "读者当天就想明白，收回了报告。早先还有一份针对同一公式的报告，那一次是对的："
            "早期草稿里确实少了因子 2，作者随后改正。",
        },
        {
            "en": "The same line can be wrong in one edition and right in the next. Say which "
            "version you read.",
            "zh": "同一行公式，可能这一版错、下一版对。报告时请注明所读的版本。",
        },
    ),
    Exhibit(
        "museum-alarm-root-of-five",
        (
            Thread("pytorch/pytorch", 57109),
            Thread("pytorch/pytorch", 19376),
            Thread("pytorch/pytorch", 19526, "pull"),
        ),
        {
            "en": "A library's documentation says that a linear layer starts with weights between "
            "$\\pm 1/\\sqrt n$; its code calls Kaiming's rule with a parameter $\\sqrt 5$. It has "
            "been reported more than once that one of them must be wrong.",
            "zh": "一个库的文档说线性层的初始权重在 $\\pm 1/\\sqrt n$ 之间，"
            "代码却以参数 $\\sqrt 5$ 调用 Kaiming 规则。不止一次有人报告说，两者必有一误。",
        },
        {
            "en": "They say the same: $\\sqrt 3$ for the uniform distribution, $\\sqrt{1/3}$ for "
            "the gain at $a = \\sqrt 5$, and what remains is $1/\\sqrt n$.",
            "zh": "两者说的是同一件事：均匀分布带来 $\\sqrt 3$，$a = \\sqrt 5$ 时的增益带来 "
            "$\\sqrt{1/3}$，剩下的就是 $1/\\sqrt n$。",
        },
        {
            "en": "Once a fix had even been offered and its review begun before a maintainer "
            "worked the formula through, apologised for not having done so sooner, and explained "
            "it. The threads are closed.",
            "zh": "有一次连修正都提交了，审阅也已开始，才有一位维护者把公式算到底，"
            "作了说明，并为没有早些细看致歉。这些帖子均已关闭。",
        },
        {
            "en": "A constant that only cancels another one is right and unreadable. The shortest "
            "form is also the best documentation.",
            "zh": "一个只是用来抵消另一个常数的常数，对是对的，就是没法读。"
            "最短的写法就是最好的文档。",
        },
    ),
)  # fmt: skip
