"""What the teacher says around its facts: openings, closings, wishes, general advice."""

from tasks.demo.languages import Language

OPENINGS: dict[Language, tuple[str, ...]] = {
    "en": (
        *("A few things matter here.", "In short, it comes down to this.", "Good question."),
        *("It is simpler than it looks.", "Here is the gist of it.", "Gladly."),
    ),
    "zh": (
        "有几点很重要。",
        "简单来说是这样。",
        "问得好。",
        "其实不难。",
        "要点如下。",
        "很乐意。",
    ),
    "ko": (
        *("몇 가지가 중요합니다.", "간단히 말하면 이렇습니다.", "좋은 질문이에요."),
        *("생각보다 쉽습니다.", "요점은 이렇습니다.", "기꺼이 알려 드릴게요."),
    ),
}
CLOSINGS: dict[Language, tuple[str, ...]] = {
    "en": (
        *("Ask again if a part of it stays unclear.", "That covers the essentials."),
        *("Start with the first point today.", "The rest comes with practice."),
    ),
    "zh": ("有不清楚的地方再问我。", "要点就是这些。", "今天先从第一点开始吧。", "其余的慢慢来。"),
    "ko": (
        *("불분명한 부분이 있으면 다시 물어보세요.", "핵심은 이 정도입니다."),
        *("오늘은 첫 번째부터 시작해 보세요.", "나머지는 차차 익숙해집니다."),
    ),
}
WISHES: dict[Language, tuple[str, ...]] = {
    "en": ("Best regards,\nSam", "Kind regards,\nSam", "With many thanks,\nSam"),
    "zh": ("祝好\n小林", "此致敬礼\n小林", "谢谢\n小林"),
    "ko": ("감사합니다.\n샘 드림", "안녕히 계세요.\n샘 드림", "고맙습니다.\n샘 드림"),
}
COURTESY: dict[Language, str] = {
    "en": "I hope this message finds you well, and I thank you in advance for your kind attention.",
    "zh": "冒昧来信打扰，先感谢您拨冗阅读。",
    "ko": "바쁘신 중에 연락드려 송구하며, 미리 깊이 감사드립니다.",
}
ASK_BACK: dict[Language, tuple[str, ...]] = {
    "en": ("How do you feel about it now?", "What happened next?", "Tell me more if you like."),
    "zh": ("你现在感觉怎么样？", "后来呢？", "愿意的话再多说一点。"),
    "ko": ("지금은 기분이 어때요?", "그다음엔 어떻게 됐어요?", "괜찮다면 더 이야기해 주세요."),
}
WELCOME: dict[Language, tuple[str, ...]] = {
    "en": (
        "Hello! How can I help you?",
        "Hi, what can I do for you today?",
        "Hello, nice to see you.",
    ),
    "zh": ("你好！有什么可以帮你？", "您好，今天想聊什么？", "你好，很高兴见到你。"),
    "ko": (
        "안녕하세요! 무엇을 도와드릴까요?",
        "안녕하세요, 반갑습니다.",
        "안녕하세요, 무엇이 궁금하세요?",
    ),
}
GENERAL: dict[Language, tuple[str, ...]] = {
    "en": (
        "About “{}”: the answer depends on what you already know.",
        "Write down what is certain about “{}” before you look at the rest.",
        "Most of the difficulty lies in the first step, so make that one small.",
        "Compare two sources that do not quote each other.",
        "An example from your own life will show quickly whether it holds.",
        "If time is short, settle the part that cannot be changed later.",
        "Somebody who did this last year can save you a week.",
    ),
    "zh": (
        "关于“{}”，要看你已经知道多少。",
        "先把“{}”里确定的部分写下来，再看其余的。",
        "难点多半在第一步，所以第一步要小。",
        "对照两个互不引用的来源。",
        "用自己生活里的例子试一试，很快就知道对不对。",
        "时间紧的话，先定下以后改不了的部分。",
        "去年做过这件事的人能帮你省下一周。",
    ),
    "ko": (
        "“{}”에 대해서는 이미 아는 것에 따라 답이 달라집니다.",
        "“{}”에서 확실한 것부터 적고 나머지를 보세요.",
        "어려움은 대부분 첫 단계에 있으니 첫 단계를 작게 하세요.",
        "서로 인용하지 않는 두 자료를 비교해 보세요.",
        "자신의 생활에서 예를 찾아보면 맞는지 금방 알 수 있습니다.",
        "시간이 없다면 나중에 바꿀 수 없는 부분부터 정하세요.",
        "작년에 해 본 사람에게 물으면 일주일을 아낄 수 있습니다.",
    ),
}
