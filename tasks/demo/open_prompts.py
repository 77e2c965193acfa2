"""Prompts without one right answer: questions, e-mails, small talk, greetings."""

from collections.abc import Callable
from random import Random

from tasks.demo.languages import Language, language_of
from tasks.demo.skills.skill import plain
from tasks.demo.topics import topics

HOW_TO, OPEN_QA = "qa/how_to", "qa/open_qa"
EMAIL, SMALL_TALK, GREETING = "writing/email", "chat/small_talk", "chat/greeting"

_HOW_TO: dict[Language, tuple[str, ...]] = {
    "en": ("How do I {} {}?", "How can I {} {}?", "What is the best way to {} {}?"),
    "zh": ("{1}，怎么{0}？", "{1}，{0}有什么好办法？", "请教一下，{1}该怎么{0}？"),
    "ko": ("{1} {0} 방법을 알려 주세요.", "{1} {0} 법이 궁금해요.", "{1} {0} 방법이 있을까요?"),
}
_OPEN_QA: dict[Language, tuple[str, ...]] = {
    "en": ("Tell me, {}? {}.", "Quick question: {}? {}.", "I was wondering, {}? {}."),
    "zh": ("{}？{}。", "想问一下，{}？{}。", "有个问题：{}？{}。"),
    "ko": ("{}? {}.", "궁금한 게 있어요. {}? {}.", "질문 하나요. {}? {}."),
}
_EMAIL: dict[Language, tuple[str, ...]] = {
    "en": ("Write a {tone} email to {} about {}.", "Draft a {tone} email for {} on this: {}."),
    "zh": ("给{}写一封{tone}的邮件：{}。", "帮我写封{tone}邮件给{}，说的是{}。"),
    "ko": ("{} 앞으로 {tone} 이메일을 써 주세요: {}.", "{} 앞으로 {tone} 메일을 써 줘. 용건은 {}."),
}
_TONES: dict[Language, str] = {
    "en": "polite short friendly formal warm",
    "zh": "礼貌 简短 友好 正式 温和",
    "ko": "정중한 짧은 친근한 공식적인 따뜻한",
}
_LEADS: dict[Language, tuple[str, ...]] = {
    "en": ("Guess what, {}", "You know, {}", "Just so you know, {}", "Well, {}"),
    "zh": ("你知道吗，{}", "跟你说，{}", "唉，{}", "随便聊聊，{}"),
    "ko": ("있잖아요, {}", "그냥 하는 말인데 {}", "음, {}", "오늘은요, {}"),
}
_TAILS: dict[Language, tuple[str, ...]] = {
    "en": (".", " and I wanted to tell someone.", ". What do you think?", ". How was your day?"),
    "zh": ("。", "，想跟人说说。", "，你怎么看？", "。你今天怎么样？"),
    "ko": (".", ", 누구한테 말하고 싶었어요.", ". 어떻게 생각해요?", ". 오늘 하루 어땠어요?"),
}
_GREETINGS: dict[Language, tuple[str, ...]] = {
    "en": ("hi", "Hi!", "hello", "Hello there", "Good morning", "hey"),
    "zh": ("你好", "您好", "早上好", "你好！", "嗨"),
    "ko": ("안녕", "안녕하세요", "안녕!", "좋은 아침이에요", "반가워요"),
}
_FOLLOW_UPS: dict[str, dict[Language, str]] = {
    HOW_TO: {
        "en": "And what should I avoid?",
        "zh": "有什么要注意的？",
        "ko": "주의할 점은 뭐예요?",
    },
    EMAIL: {
        "en": "Make it more formal, please.",
        "zh": "请写得更正式一点。",
        "ko": "더 격식 있게 써 주세요.",
    },
}
_ENDINGS = " !.~！。"


def generate(label: str, rng: Random, language: Language) -> str:
    """Write a prompt of one of the open task types.

    Raises:
        KeyError: `label` is not one of OPEN.
    """
    return _MAKERS[label](rng, language)


def follow_up(label: str, language: Language) -> str | None:
    """Say something that asks more of the same; None for types without such a turn."""
    return _FOLLOW_UPS[label][language] if label in _FOLLOW_UPS else None


def asks_what_to_avoid(text: str) -> bool:
    """Tell whether this is the follow-up to a how-to."""
    return plain(text) in map(plain, _FOLLOW_UPS[HOW_TO].values())


def asks_for_formality(text: str) -> bool:
    """Tell whether this is the follow-up to an e-mail."""
    return plain(text) in map(plain, _FOLLOW_UPS[EMAIL].values())


def is_greeting(text: str) -> bool:
    """Tell whether this is one of the greetings, whatever its punctuation."""
    said = plain(text).lower().rstrip(_ENDINGS)
    return any(said == g.lower().rstrip(_ENDINGS) for g in _GREETINGS[language_of(text)])


def _how_to(rng: Random, language: Language) -> str:
    topic = rng.choice(topics("how_to", language))
    circumstance = rng.choice(topics("circumstance", language))
    return rng.choice(_HOW_TO[language]).format(topic.ask, circumstance.ask)


def _open_qa(rng: Random, language: Language) -> str:
    question = rng.choice(topics("open_qa", language))
    audience = rng.choice(topics("audience", language))
    return rng.choice(_OPEN_QA[language]).format(question.ask, audience.ask)


def _email(rng: Random, language: Language) -> str:
    recipient = rng.choice(topics("recipient", language))
    matter = rng.choice(topics("matter", language))
    tone = rng.choice(_TONES[language].split())
    return rng.choice(_EMAIL[language]).format(recipient.ask, matter.ask, tone=tone)


def _small_talk(rng: Random, language: Language) -> str:
    event = rng.choice(topics("event", language)).ask
    return rng.choice(_LEADS[language]).format(event) + rng.choice(_TAILS[language])


def _greeting(rng: Random, language: Language) -> str:
    return rng.choice(_GREETINGS[language])


_MAKERS: dict[str, Callable[[Random, Language], str]] = {
    HOW_TO: _how_to,
    OPEN_QA: _open_qa,
    EMAIL: _email,
    SMALL_TALK: _small_talk,
    GREETING: _greeting,
}
OPEN: tuple[str, ...] = tuple(_MAKERS)
