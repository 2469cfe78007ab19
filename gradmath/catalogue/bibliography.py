"""The works that the catalogue and the chapter cite: key -> authors, title, year and address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gradmath.errors import DeclarationError


@dataclass(frozen=True)
class Reference:
    """One cited work; `year` is the year of publication, the address is a DOI, arXiv id or URL."""

    authors: tuple[str, ...]
    title: str
    year: int
    venue: str
    doi: str | None = None
    arxiv: str | None = None
    link: str | None = None

    def __post_init__(self) -> None:
        if not (self.doi or self.arxiv or self.link):
            raise DeclarationError(f"reference {self.title!r}", "no address", "doi, arxiv or link")

    @property
    def url(self) -> str:
        """Where the work is found: by its DOI, else its arXiv id, else its own address."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        return f"https://arxiv.org/abs/{self.arxiv}" if self.arxiv else str(self.link)

    @property
    def short(self) -> str:
        """Family names and year: `Glorot and Bengio 2010`, `He et al. 2015`."""
        families = [name.split(",")[0] for name in self.authors]
        names = " and ".join(families) if len(families) < 3 else f"{families[0]} et al."
        return f"{names} {self.year}"


BIBLIOGRAPHY: Mapping[str, Reference] = MappingProxyType({
    "ba2016": Reference(
        ("Ba, Jimmy Lei", "Kiros, Jamie Ryan", "Hinton, Geoffrey E."),
        "Layer Normalization",
        2016, "arXiv", arxiv="1607.06450",
    ),
    "barron2017": Reference(
        ("Barron, Jonathan T.",),
        "Continuously Differentiable Exponential Linear Units",
        2017, "arXiv", arxiv="1704.07483",
    ),
    "baydin2018": Reference(
        ("Baydin, Atılım Güneş", "Pearlmutter, Barak A.", "Radul, Alexey Andreyevich",
         "Siskind, Jeffrey Mark"),
        "Automatic Differentiation in Machine Learning: a Survey",
        2018, "Journal of Machine Learning Research 18(153)", arxiv="1502.05767",
    ),
    "bengio1994": Reference(
        ("Bengio, Yoshua", "Simard, Patrice", "Frasconi, Paolo"),
        "Learning Long-Term Dependencies with Gradient Descent Is Difficult",
        1994, "IEEE Transactions on Neural Networks 5(2)", doi="10.1109/72.279181",
    ),
    "bengio2007": Reference(
        ("Bengio, Yoshua", "Lamblin, Pascal", "Popovici, Dan", "Larochelle, Hugo"),
        "Greedy Layer-Wise Training of Deep Networks",
        2007, "Advances in Neural Information Processing Systems 19",
        link="https://papers.nips.cc/paper/2006/hash/5da713a690c067105aeb2fae32403405-Abstract.html",
    ),
    "bridle1990": Reference(
        ("Bridle, John S.",),
        "Probabilistic Interpretation of Feedforward Classification Network Outputs, "
        "with Relationships to Statistical Pattern Recognition",
        1990, "Neurocomputing, Springer", doi="10.1007/978-3-642-76153-9_28",
    ),
    "clevert2016": Reference(
        ("Clevert, Djork-Arné", "Unterthiner, Thomas", "Hochreiter, Sepp"),
        "Fast and Accurate Deep Network Learning by Exponential Linear Units (ELUs)",
        2016, "ICLR", arxiv="1511.07289",
    ),
    "cohen2021": Reference(
        ("Cohen, Jeremy M.", "Kaur, Simran", "Li, Yuanzhi", "Kolter, J. Zico",
         "Talwalkar, Ameet"),
        "Gradient Descent on Neural Networks Typically Occurs at the Edge of Stability",
        2021, "ICLR", arxiv="2103.00065",
    ),
    "collobert2011": Reference(
        ("Collobert, Ronan", "Weston, Jason", "Bottou, Léon", "Karlen, Michael",
         "Kavukcuoglu, Koray", "Kuksa, Pavel"),
        "Natural Language Processing (Almost) from Scratch",
        2011, "Journal of Machine Learning Research 12", arxiv="1103.0398",
    ),
    "dugas2001": Reference(
        ("Dugas, Charles", "Bengio, Yoshua", "Bélisle, François", "Nadeau, Claude",
         "Garcia, René"),
        "Incorporating Second-Order Functional Knowledge for Better Option Pricing",
        2001, "Advances in Neural Information Processing Systems 13",
        link="https://papers.nips.cc/paper/2000/hash/44968aece94f667e4095002d140b5896-Abstract.html",
    ),
    "elfwing2018": Reference(
        ("Elfwing, Stefan", "Uchibe, Eiji", "Doya, Kenji"),
        "Sigmoid-Weighted Linear Units for Neural Network Function Approximation "
        "in Reinforcement Learning",
        2018, "Neural Networks 107", arxiv="1702.03118",
    ),
    "forrester2015": Reference(
        ("Forrester, Peter J.",),
        "Asymptotics of Finite System Lyapunov Exponents for Some Random Matrix Ensembles",
        2015, "Journal of Physics A 48(21)", doi="10.1088/1751-8113/48/21/215205",
    ),
    "glorot2010": Reference(
        ("Glorot, Xavier", "Bengio, Yoshua"),
        "Understanding the Difficulty of Training Deep Feedforward Neural Networks",
        2010, "AISTATS, PMLR 9", link="https://proceedings.mlr.press/v9/glorot10a.html",
    ),
    "glorot2011": Reference(
        ("Glorot, Xavier", "Bordes, Antoine", "Bengio, Yoshua"),
        "Deep Sparse Rectifier Neural Networks",
        2011, "AISTATS, PMLR 15", link="https://proceedings.mlr.press/v15/glorot11a.html",
    ),
    "goldberg1991": Reference(
        ("Goldberg, David",),
        "What Every Computer Scientist Should Know About Floating-Point Arithmetic",
        1991, "ACM Computing Surveys 23(1)", doi="10.1145/103162.103163",
    ),
    "goodfellow2016": Reference(
        ("Goodfellow, Ian", "Bengio, Yoshua", "Courville, Aaron"),
        "Deep Learning",
        2016, "MIT Press", link="https://www.deeplearningbook.org/",
    ),
    "griewank2008": Reference(
        ("Griewank, Andreas", "Walther, Andrea"),
        "Evaluating Derivatives: Principles and Techniques of Algorithmic Differentiation",
        2008, "SIAM, second edition", doi="10.1137/1.9780898717761",
    ),
    "hanin2018": Reference(
        ("Hanin, Boris",),
        "Which Neural Net Architectures Give Rise to Exploding and Vanishing Gradients?",
        2018, "Advances in Neural Information Processing Systems 31", arxiv="1801.03744",
    ),
    "he2015": Reference(
        ("He, Kaiming", "Zhang, Xiangyu", "Ren, Shaoqing", "Sun, Jian"),
        "Delving Deep into Rectifiers: Surpassing Human-Level Performance "
        "on ImageNet Classification",
        2015, "ICCV", arxiv="1502.01852",
    ),
    "he2016": Reference(
        ("He, Kaiming", "Zhang, Xiangyu", "Ren, Shaoqing", "Sun, Jian"),
        "Deep Residual Learning for Image Recognition",
        2016, "CVPR", arxiv="1512.03385",
    ),
    "hendrycks2016": Reference(
        ("Hendrycks, Dan", "Gimpel, Kevin"),
        "Gaussian Error Linear Units (GELUs)",
        2016, "arXiv", arxiv="1606.08415",
    ),
    "hinton2006": Reference(
        ("Hinton, Geoffrey E.", "Osindero, Simon", "Teh, Yee-Whye"),
        "A Fast Learning Algorithm for Deep Belief Nets",
        2006, "Neural Computation 18(7)", doi="10.1162/neco.2006.18.7.1527",
    ),
    "hochreiter1991": Reference(
        ("Hochreiter, Sepp",),
        "Untersuchungen zu dynamischen neuronalen Netzen",
        1991, "Diploma thesis, Technische Universität München",
        link="https://people.idsia.ch/~juergen/fundamentaldeeplearningproblem.html",
    ),
    "hochreiter1997": Reference(
        ("Hochreiter, Sepp", "Schmidhuber, Jürgen"),
        "Long Short-Term Memory",
        1997, "Neural Computation 9(8)", doi="10.1162/neco.1997.9.8.1735",
    ),
    "hoerl1970": Reference(
        ("Hoerl, Arthur E.", "Kennard, Robert W."),
        "Ridge Regression: Biased Estimation for Nonorthogonal Problems",
        1970, "Technometrics 12", doi="10.1080/00401706.1970.10488634",
    ),
    "hochreiter1998": Reference(
        ("Hochreiter, Sepp",),
        "The Vanishing Gradient Problem During Learning Recurrent Neural Nets "
        "and Problem Solutions",
        1998, "International Journal of Uncertainty, Fuzziness and Knowledge-Based Systems 6(2)",
        doi="10.1142/S0218488598000094",
    ),
    "howard2019": Reference(
        ("Howard, Andrew", "Sandler, Mark", "Chu, Grace", "Chen, Liang-Chieh", "and others"),
        "Searching for MobileNetV3",
        2019, "ICCV", arxiv="1905.02244",
    ),
    "huber1964": Reference(
        ("Huber, Peter J.",),
        "Robust Estimation of a Location Parameter",
        1964, "Annals of Mathematical Statistics 35", doi="10.1214/aoms/1177703732",
    ),
    "ioffe2015": Reference(
        ("Ioffe, Sergey", "Szegedy, Christian"),
        "Batch Normalization: Accelerating Deep Network Training by Reducing Internal "
        "Covariate Shift",
        2015, "ICML, PMLR 37", arxiv="1502.03167",
    ),
    "kingma2015": Reference(
        ("Kingma, Diederik P.", "Ba, Jimmy"),
        "Adam: A Method for Stochastic Optimization",
        2015, "ICLR", arxiv="1412.6980",
    ),
    "klambauer2017": Reference(
        ("Klambauer, Günter", "Unterthiner, Thomas", "Mayr, Andreas", "Hochreiter, Sepp"),
        "Self-Normalizing Neural Networks",
        2017, "Advances in Neural Information Processing Systems 30", arxiv="1706.02515",
    ),
    "lecun1998": Reference(
        ("LeCun, Yann", "Bottou, Léon", "Orr, Genevieve B.", "Müller, Klaus-Robert"),
        "Efficient BackProp",
        1998, "Neural Networks: Tricks of the Trade, Springer", doi="10.1007/3-540-49430-8_2",
    ),
    "loshchilov2019": Reference(
        ("Loshchilov, Ilya", "Hutter, Frank"),
        "Decoupled Weight Decay Regularization",
        2019, "ICLR", arxiv="1711.05101",
    ),
    "maas2013": Reference(
        ("Maas, Andrew L.", "Hannun, Awni Y.", "Ng, Andrew Y."),
        "Rectifier Nonlinearities Improve Neural Network Acoustic Models",
        2013, "ICML Workshop on Deep Learning for Audio, Speech and Language Processing",
        link="https://ai.stanford.edu/~amaas/papers/relu_hybrid_icml2013_final.pdf",
    ),
    "micikevicius2018": Reference(
        ("Micikevicius, Paulius", "Narang, Sharan", "Alben, Jonah", "Diamos, Gregory",
         "Elsen, Erich", "Garcia, David", "Ginsburg, Boris", "Houston, Michael",
         "Kuchaiev, Oleksii", "Venkatesh, Ganesh", "Wu, Hao"),
        "Mixed Precision Training",
        2018, "ICLR", arxiv="1710.03740",
    ),
    "mishkin2016": Reference(
        ("Mishkin, Dmytro", "Matas, Jiri"),
        "All You Need Is a Good Init",
        2016, "ICLR", arxiv="1511.06422",
    ),
    "misra2020": Reference(
        ("Misra, Diganta",),
        "Mish: A Self Regularized Non-Monotonic Activation Function",
        2020, "BMVC", arxiv="1908.08681",
    ),
    "nair2010": Reference(
        ("Nair, Vinod", "Hinton, Geoffrey E."),
        "Rectified Linear Units Improve Restricted Boltzmann Machines",
        2010, "ICML", link="https://www.cs.toronto.edu/~fritz/absps/reluICML.pdf",
    ),
    "nesterov2018": Reference(
        ("Nesterov, Yurii",),
        "Lectures on Convex Optimization",
        2018, "Springer, second edition", doi="10.1007/978-3-319-91578-4",
    ),
    "nielsen2015": Reference(
        ("Nielsen, Michael A.",),
        "Neural Networks and Deep Learning",
        2015, "Determination Press", link="http://neuralnetworksanddeeplearning.com/chap5.html",
    ),
    "parr2018": Reference(
        ("Parr, Terence", "Howard, Jeremy"),
        "The Matrix Calculus You Need For Deep Learning",
        2018, "arXiv", arxiv="1802.01528",
    ),
    "pascanu2013": Reference(
        ("Pascanu, Razvan", "Mikolov, Tomas", "Bengio, Yoshua"),
        "On the Difficulty of Training Recurrent Neural Networks",
        2013, "ICML, PMLR 28", arxiv="1211.5063",
    ),
    "pennington2017": Reference(
        ("Pennington, Jeffrey", "Schoenholz, Samuel S.", "Ganguli, Surya"),
        "Resurrecting the Sigmoid in Deep Learning through Dynamical Isometry: "
        "Theory and Practice",
        2017, "Advances in Neural Information Processing Systems 30", arxiv="1711.04735",
    ),
    "poole2016": Reference(
        ("Poole, Ben", "Lahiri, Subhaneil", "Raghu, Maithra", "Sohl-Dickstein, Jascha",
         "Ganguli, Surya"),
        "Exponential Expressivity in Deep Neural Networks through Transient Chaos",
        2016, "Advances in Neural Information Processing Systems 29", arxiv="1606.05340",
    ),
    "ramachandran2017": Reference(
        ("Ramachandran, Prajit", "Zoph, Barret", "Le, Quoc V."),
        "Searching for Activation Functions",
        2017, "arXiv", arxiv="1710.05941",
    ),
    "rumelhart1986": Reference(
        ("Rumelhart, David E.", "Hinton, Geoffrey E.", "Williams, Ronald J."),
        "Learning Representations by Back-Propagating Errors",
        1986, "Nature 323", doi="10.1038/323533a0",
    ),
    "sandler2018": Reference(
        ("Sandler, Mark", "Howard, Andrew", "Zhu, Menglong", "Zhmoginov, Andrey",
         "Chen, Liang-Chieh"),
        "MobileNetV2: Inverted Residuals and Linear Bottlenecks",
        2018, "CVPR", arxiv="1801.04381",
    ),
    "saxe2014": Reference(
        ("Saxe, Andrew M.", "McClelland, James L.", "Ganguli, Surya"),
        "Exact Solutions to the Nonlinear Dynamics of Learning in Deep Linear Neural Networks",
        2014, "ICLR", arxiv="1312.6120",
    ),
    "schoenholz2017": Reference(
        ("Schoenholz, Samuel S.", "Gilmer, Justin", "Ganguli, Surya", "Sohl-Dickstein, Jascha"),
        "Deep Information Propagation",
        2017, "ICLR", arxiv="1611.01232",
    ),
    "shockley1949": Reference(
        ("Shockley, William",),
        "The Theory of p-n Junctions in Semiconductors and p-n Junction Transistors",
        1949, "Bell System Technical Journal 28",
        link="https://www.pveducation.org/reference/shockley1949",
    ),
    "tibshirani1996": Reference(
        ("Tibshirani, Robert",),
        "Regression Shrinkage and Selection via the Lasso",
        1996, "Journal of the Royal Statistical Society B 58",
        doi="10.1111/j.2517-6161.1996.tb02080.x",
    ),
})  # fmt: skip
