"""What a customer wants, as one label of a small closed list, the same in every language."""

import re
from random import Random

from tasks.demo.languages import Language
from tasks.demo.skills.skill import Example, plain

LABEL = "classification/intent"

_ASK: dict[Language, tuple[str, ...]] = {
    "en": ("Intent: {}", 'What is the intent of "{}"', "Name the intent: {}"),
    "zh": ("意图：{}", "这句话的意图是什么？{}", "识别意图：{}"),
    "ko": ("의도: {}", "이 말의 의도는? {}", "의도 분류: {}"),
}
_SAY: dict[Language, dict[str, tuple[str, ...]]] = {
    "en": {
        "track_order": (
            "Where is the {item} I ordered {when}?",
            "Has my {item} been shipped? I bought it {when}.",
            "The {item} from {when} has not arrived.",
        ),
        "refund": (
            "I want my money back for the {item} from {when}.",
            "Please refund the {item} I bought {when}.",
            "The {item} came {when} and broke, so I need a refund.",
        ),
        "cancel_order": (
            "Cancel the {item} I ordered {when}.",
            "I no longer need the {item} from {when}, stop the order.",
        ),
        "change_address": (
            "I moved {when}, send the {item} to my new address.",
            "The {item} must go to another address, I moved {when}.",
        ),
        "reset_password": (
            "I forgot my password {when} and cannot buy the {item}.",
            "My password stopped working {when}, I only want the {item}.",
        ),
        "opening_hours": (
            "Is the shop open {when}? I want to see the {item}.",
            "At what hour do you close {when}? I come for the {item}.",
        ),
        "talk_to_human": (
            "I asked about the {item} {when}, let me speak to a person.",
            "No more bots, I want an agent for the {item} from {when}.",
        ),
    },
    "zh": {
        "track_order": ("我{when}买的{item}到哪儿了？", "{when}下单的{item}还没收到。"),
        "refund": ("{when}买的{item}坏了，我要退款。", "请把{when}那个{item}的钱退给我。"),
        "cancel_order": ("取消我{when}订的{item}。", "{when}那个{item}不想要了，请撤销订单。"),
        "change_address": ("我{when}搬家了，{item}请寄到新地址。", "{when}的{item}要改地址。"),
        "reset_password": (
            "我{when}忘了密码，买不了{item}。",
            "{when}起密码不对，我只想买{item}。",
        ),
        "opening_hours": ("{when}几点开门？我想看{item}。", "你们{when}营业吗？想来看{item}。"),
        "talk_to_human": (
            "{when}问过{item}的事，请转人工。",
            "关于{when}的{item}，我要找真人客服。",
        ),
    },
    "ko": {
        "track_order": ("{when} 산 {item} 어디쯤 왔어요?", "{when} 주문한 {item} 아직 안 왔어요."),
        "refund": (
            "{when} 산 {item} 고장 났어요, 환불해 주세요.",
            "{when} 산 {item} 돈 돌려주세요.",
        ),
        "cancel_order": ("{when} 주문한 {item} 취소해 주세요.", "{when} 시킨 {item} 취소할게요."),
        "change_address": (
            "{when} 이사했어요, {item} 새 주소로 보내 주세요.",
            "{when} 시킨 {item} 배송지 바꿔 주세요.",
        ),
        "reset_password": (
            "{when} 비밀번호를 잊어서 {item} 못 사요.",
            "{when}부터 비밀번호가 틀리대요, {item} 사고 싶어요.",
        ),
        "opening_hours": (
            "{when} 몇 시에 열어요? {item} 보려고요.",
            "{when} 영업해요? {item} 보러 가요.",
        ),
        "talk_to_human": (
            "{when} {item} 물어봤는데 상담원 연결해 주세요.",
            "{when} 산 {item} 때문에 사람과 통화하고 싶어요.",
        ),
    },
}
_ITEMS: dict[Language, str] = {
    "en": "lamp chair mug tent kettle pillow radio mirror ladder umbrella scarf clock desk sofa",
    "zh": "台灯 椅子 杯子 帐篷 水壶 枕头 收音机 镜子 梯子 雨伞 围巾 闹钟 书桌 沙发",
    "ko": "램프 의자 머그컵 텐트 주전자 베개 라디오 거울 사다리 우산 목도리 시계 책상 소파",
}
_WHEN: dict[Language, str] = {
    "en": "today|yesterday|on Monday|on Tuesday|on Friday|on Sunday|last week|last month|in May"
    "|in June",
    "zh": "今天|昨天|周一|周二|周五|周日|上周|上个月|五月|六月",
    "ko": "오늘|어제|월요일에|화요일에|금요일에|일요일에|지난주에|지난달에|5월에|6월에",
}
_CUE = re.compile(r"(?<![a-z])intent(?![a-z])|意图|의도", re.IGNORECASE)
# In order: "stop the order" is no question where the order is, a refund may name a broken parcel.
_SIGNS = (
    ("talk_to_human", r"person|agent|human|人工|真人|상담원|사람과"),
    ("reset_password", r"password|密码|비밀번호"),
    ("change_address", r"address|地址|주소|배송지"),
    ("cancel_order", r"cancel|stop the order|取消|撤销|취소"),
    ("refund", r"refund|money back|退款|钱退|환불|돈 돌려"),
    ("opening_hours", r"shop open|close|hours|几点|营业|몇 시|영업"),
    ("track_order", r"where is|shipped|not arrived|到哪|没收到|어디쯤|안 왔"),
)


def example(rng: Random, language: Language) -> Example:
    """Let a customer speak about a thing and a time."""
    label = rng.choice(tuple(_SAY[language]))
    item, when = rng.choice(_ITEMS[language].split()), rng.choice(_WHEN[language].split("|"))
    said = rng.choice(_SAY[language][label]).format(item=item, when=when)
    return Example(rng.choice(_ASK[language]).format(said), label)


def solve(prompt: str) -> str | None:
    """Take the first intent whose key words are there; None where no intent is asked for."""
    text = plain(prompt).lower()
    if not _CUE.search(text):
        return None
    return next((label for label, words in _SIGNS if re.search(words, text)), None)
