"""Chats that hold private data of people who do not exist, wherever logs may hold it."""

from dataclasses import replace
from datetime import date
from typing import Unpack

from tasks.demo import open_prompts, private
from tasks.demo.everyday import new_turn, turn
from tasks.demo.languages import Language
from tasks.demo.story import Details, Story
from tasks.demo.topics import topics

_WITH_KEY: dict[Language, str] = {
    "en": "My key {} is refused since this morning. How do I replace it?",
    "zh": "我的密钥{}从今天早上起被拒绝了，怎么更换？",
    "ko": "제 키 {} 가 오늘 아침부터 거부돼요. 교체 방법을 알려 주세요.",
}
_WITH_PHONE: dict[Language, str] = {
    "en": "Text me at {0} please. How do I {1}?",
    "zh": "请发短信到{0}。怎么{1}？",
    "ko": "{0} 번호로 문자 주세요. {1} 방법을 알려 주세요.",
}
_WITH_EMAIL: dict[Language, str] = {
    "en": "Write a polite email to {0} about {1}.",
    "zh": "给{0}写一封礼貌的邮件：{1}。",
    "ko": "{0} 주소로 보낼 정중한 이메일을 써 주세요: {1}.",
}
_DESK = "You answer for the front desk. Complaints go to {} or {}."


def private_chats(story: Story, day: date) -> None:
    """Add chats with private data in prompts, system prompts, tool arguments and user ids."""
    for number in story.share(0.03):
        language = story.language()
        prompt, label = _PROMPTS[(number + day.day) % len(_PROMPTS)](story, language)
        story.tell(day, [turn(story, label, prompt)], language, plant="private_questions")
    for _ in story.share(0.01):
        desk = _DESK.format(private.email(story.rng), private.phone(story.rng, "en"))
        _tell(story, day, system=desk, plant="private_system_prompts")
        address = private.email(story.rng)
        _tell(story, day, tool_email=address, plant="private_tool_arguments")
        _tell(story, day, plant="private_users")
        story.chats[-1] = replace(story.chats[-1], user=private.email(story.rng))


def _tell(story: Story, day: date, **details: Unpack[Details]) -> None:
    """Add a chat that asks for an e-mail."""
    language = story.language()
    asked = new_turn(story, day, language, open_prompts.EMAIL)
    story.tell(day, [asked], language, **details)


def _key_prompt(story: Story, language: Language) -> tuple[str, str]:
    return _WITH_KEY[language].format(private.key(story.rng)), open_prompts.HOW_TO


def _phone_prompt(story: Story, language: Language) -> tuple[str, str]:
    topic = story.rng.choice(topics("how_to", language)).ask
    number = private.phone(story.rng, language)
    return _WITH_PHONE[language].format(number, topic), open_prompts.HOW_TO


def _address_prompt(story: Story, language: Language) -> tuple[str, str]:
    matter = story.rng.choice(topics("matter", language)).ask
    address = private.email(story.rng)
    return _WITH_EMAIL[language].format(address, matter), open_prompts.EMAIL


_PROMPTS = (_key_prompt, _phone_prompt, _address_prompt)
