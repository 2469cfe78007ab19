"""Words of the performance page's tables, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

PERFORMANCE: Mapping[str, Mapping[str, str]] = {
    "bench_contender": {"en": "Who", "zh": "参与者"},
    "bench_outputs": {"en": "Outputs", "zh": "输出"},
    "bench_reused": {"en": "reused", "zh": "复用"},
    "bench_fresh": {"en": "fresh", "zh": "新建"},
    "bench_scalars": {"en": "numbers", "zh": "数"},
    "bench_full": {"en": "full map", "zh": "完整映射"},
    "bench_reduced": {"en": "means", "zh": "平均值"},
    "bench_full_caption": {
        "en": "Four arrays. Nanoseconds for each element, and below them the multiple of the native"
        " backend's time with reused outputs.",
        "zh": "四个数组。每个元素的纳秒数，其下为本机后端（复用输出）所需时间的倍数。",
    },
    "bench_reduced_caption": {
        "en": "Three means. Nanoseconds for each element, and below them the multiple of the native"
        " backend's time.",
        "zh": "三个平均值。每个元素的纳秒数，其下为本机后端所需时间的倍数。",
    },
    "bench_goal": {"en": "Goal", "zh": "目标"},
    "bench_asked": {"en": "Asked", "zh": "要求"},
    "bench_measured": {"en": "Measured, worst", "zh": "实测，最差"},
    "bench_where": {"en": "There", "zh": "位于"},
    "bench_outcome": {"en": "Outcome", "zh": "结果"},
    "bench_at_most": {"en": "at most {}", "zh": "至多 {}"},
    "bench_at_least": {"en": "at least {}", "zh": "至少 {}"},
    "bench_reached": {"en": "reached", "zh": "达到"},
    "bench_missed": {"en": "missed in {} of {}", "zh": "{1} 处中 {0} 处未达到"},
    "bench_beside": {"en": "beside {}", "zh": "对比 {}"},
    "bench_layers": {"en": "{} layers", "zh": "{} 层"},
    "bench_summary": {
        "en": "Of {} goals {} are reached in every cell.",
        "zh": "{} 项目标中，{} 项在每一格都达到。",
    },
    "bench_all_reached": {
        "en": "Every goal is reached in every cell.",
        "zh": "每项目标在每一格都达到。",
    },
    "bench_shortfall": {
        "en": "{}: {} asked, and missed in {} of {} cells, at worst {} ({}).",
        "zh": "{0}：要求{1}，{3} 格中 {2} 格未达到，最差为 {4}（{5}）。",
    },
    "bench_also": {"en": "Missed also: {}.", "zh": "此外还有：{}。"},
    "bench_and_more": {"en": "and {} more", "zh": "另有 {} 处"},
    "bench_made": {
        "en": "Recorded on {date} in {minutes} minutes on {processor} ({caches}; {memory} of "
        "memory, {cores} cores, of which one was used); {system}, C compiler: {compiler}.",
        "zh": "{date} 记录，用时 {minutes} 分钟。{processor}（{caches}；内存 {memory}，{cores} 个"
        "核心，只用其一）；{system}；C 编译器：{compiler}。",
    },
    "bench_versions": {"en": "Versions: {}.", "zh": "版本：{}。"},
    "bench_spread": {
        "en": "In {steady} of {cells} cells the middle half of the rounds lies within {near} of the"
        " median. In the median cell the process had its core for {busy} of the time; the load of"
        " the machine was {before} before and {after} after.",
        "zh": "{cells} 格中有 {steady} 格，居中一半的轮次落在中位数的 {near} 之内。在居中的一格里，"
        "进程有 {busy} 的时间占有核心；机器负载之前为 {before}，之后为 {after}。",
    },
    "bench_busy": {
        "en": "Other work was being done on this machine meanwhile; processor time leaves that out,"
        " but caches and memory were shared.",
        "zh": "测量期间这台机器还有别的工作；处理器时间不计入它们，但缓存与内存是共用的。",
    },
    "bench_activation": {"en": "Activation", "zh": "激活函数"},
    "bench_errors_0": {"en": "The value", "zh": "函数值"},
    "bench_errors_1": {"en": "The first derivative", "zh": "一阶导数"},
    "bench_errors_2": {"en": "The second derivative", "zh": "二阶导数"},
    "bench_errors_caption": {
        "en": "{} in {}: worst error in ulp over the points of the type.",
        "zh": "{}，{}：在该类型各点上的最大误差，以 ulp 计。",
    },
    "bench_no_device": {
        "en": "No run on a GPU has been recorded. What was done instead needs none: the very source"
        " that CuPy would hand to the device is compiled by NVIDIA's own compiler for each"
        " generation of cards it still serves, and executed on the CPU through a small host shim,"
        " where every number is held against the oracle. That shows that the code is right and that"
        " it compiles; how fast it is on a card it cannot show.",
        "zh": "尚无 GPU 上的运行记录。所做的替代无需 GPU：CuPy 将交给设备的源代码，由 NVIDIA 自己的"
        "编译器为其仍支持的各代显卡编译，并通过一个小的主机适配层在 CPU 上执行，每个数都与基准比"
        "对。这说明代码正确、能够编译；在显卡上有多快则无从得知。",
    },
    "bench_device": {
        "en": "Recorded on {date} on {device} ({memory}; driver {driver}, CUDA {runtime}, CuPy"
        " {cupy}). The full map of the largest arrays reaches {reached} of the bandwidth of a copy"
        " on the device, where {goal} was asked. The worst error of any activation or of its first"
        " two derivatives is {worst} times 4(1+k) ulp, k the condition number.",
        "zh": "{date} 记录于 {device}（{memory}；驱动 {driver}，CUDA {runtime}，CuPy {cupy}）。最"
        "大数组的完整映射达到设备上复制带宽的 {reached}，目标为 {goal}。所有激活函数及其一、二阶导"
        "数的最大误差为 4(1+k) ulp 的 {worst} 倍，k 为条件数。",
    },
    "bench_elements": {"en": "Elements", "zh": "元素个数"},
    "bench_copy": {"en": "a copy", "zh": "复制"},
    "bench_rates": {
        "en": "Gigabytes a second, and below them the share of a copy's.",
        "zh": "每秒千兆字节，其下为与复制之比。",
    },
    "bench_depth": {"en": "Layers", "zh": "层数"},
    "bench_ladder_compile": {
        "en": "Time to derive and compile a chain.",
        "zh": "求导并编译一条链所需的时间。",
    },
    "bench_ladder_run": {
        "en": "Time of one run of a chain.",
        "zh": "链运行一次所需的时间。",
    },
    "bench_ladder_derive": {
        "en": "Time to the gradients of a chain as formulas.",
        "zh": "得到链的梯度公式所需的时间。",
    },
    "bench_ladder_network": {
        "en": "Time to derive and compile a fully connected network.",
        "zh": "求导并编译全连接网络所需的时间。",
    },
}
