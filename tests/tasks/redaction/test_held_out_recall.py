"""Recall and false alarms on generated texts. The seeds were drawn after the detectors were done.

While tuning, run with other seeds: the figures here are worth something only while nobody has
looked at what these seeds miss.
"""

import string
from datetime import date, timedelta
from ipaddress import IPv4Address, IPv6Address
from random import Random
from uuid import UUID

import phonenumbers
import pytest
from stdnum import luhn
from stdnum.iso7064 import mod_11_2, mod_97_10

from tasks.redaction.redact import Redactor

SEEDS = (9_108_277, 4_450_013, 7_731_946)
PER_SEED = 1_500
WIDE = str.maketrans({code: code + 0xFEE0 for code in range(0x21, 0x7F)})

TEMPLATES = {
    "EMAIL": (
        "联系我{v}谢谢", "我的邮箱是{v}，请把合同发过来", "邮箱：{v}。", "이메일{v}입니다",
        "제 메일은 {v} 이에요", "{v}로 보내주세요", "My email is {v}, write a letter",
        "Send it to {v}.", "<{v}>", "mailto:{v}?subject=hi", '{{"to": "{v}", "n": 1}}',
        "{v}", "cc:{v};", "Is {v} valid?",
    ),
    "PHONE": (
        "手机{v}找我", "我的电话是{v}，晚上打", "{v}这个号码是谁的", "联系人李雷（{v}）要改地址",
        "전화번호는 {v}입니다", "{v}로 연락주세요", "제 번호 {v} 맞나요?", "call me at {v} tonight",
        "My number: {v}", "Text {v}.", "{v}", "phone={v}", '{{"phone": "{v}"}}', "**{v}**",
    ),
    "SECRET": (
        "我的密钥{v}为什么报错", "key={v}", "export KEY='{v}'", "이 키 {v} 가 안 돼요",
        "why does {v} give 401?", '{{"api_key": "{v}"}}', "{v}", "用{v}调用接口", "curl -H 'X: {v}'",
    ),
    "PASSWORD": (
        "密码是{v}，登不上", "密码：{v}", "비밀번호는 {v} 입니다", "비밀번호: {v}",
        "my password is {v} help", 'password = "{v}"', "DB_PASSWORD={v}", '{{"password": "{v}"}}',
        "postgres://admin:{v}@db.internal:5432/app", "passwd: '{v}'",
    ),
    "CARD": (
        "卡号{v}能查吗", "我的信用卡是{v}。", "카드번호는 {v}입니다", "카드 {v} 분실",
        "my card {v} was declined", "Pay with {v}, please", "{v}", '{{"card": "{v}"}}',
    ),
    "IP": (
        "服务器IP是{v}连不上", "从{v}登录的是谁", "{v}에서 접속했어요", "아이피 {v} 차단",
        "ping {v} fails", "http://{v}/admin", "{v} - - [GET /]", "ssh root@{v}",
    ),
    "CN_ID": ("身份证{v}", "身份证号是{v}，帮我核对", "{v}是哪里人", "주민증 {v} 확인", "ID card {v}."),
    "KR_RRN": ("주민번호는 {v}입니다", "{v} 맞나요", "주민등록번호:{v}", "韩国身份证{v}", "my RRN is {v}"),
    "SSN": ("My SSN is {v}.", "SSN: {v}", "社会安全号码{v}", "사회보장번호 {v} 입니다", "is {v} valid"),
    "IBAN": ("转账到{v}可以吗", "계좌는 {v}입니다", "IBAN: {v}", "transfer to {v}, please", "{v}"),
}  # fmt: skip


def pick(rng, alphabet, length):
    return "".join(rng.choices(alphabet, k=length))


def digits(rng, length):
    return pick(rng, string.digits, length)


def day(rng):
    return date(1940, 1, 1) + timedelta(days=rng.randrange(29_000))


def email(rng):
    names = ("wang", "lee", "maria", "j.doe", "kim_minsu", "o-brien", "x", "li.na", "team+ai")
    hosts = ("qq.com", "163.com", "naver.com", "daum.net", "gmail.com", "corp.co.kr", "a-b.io",
             "mail.tsinghua.edu.cn", "sub.example.org", "uni-bonn.de")  # fmt: skip
    local = rng.choice(names) + rng.choice(
        ("", digits(rng, 2), digits(rng, 6), "_" + digits(rng, 1))
    )
    return f"{local}@{rng.choice(hosts)}"


def chinese_phone(rng):
    head, mid, end = f"1{rng.choice('356789')}{digits(rng, 1)}", digits(rng, 4), digits(rng, 4)
    land = f"{rng.choice(('010', '021', '0755', '0571'))}-{rng.randint(2, 8)}{digits(rng, 7)}"
    return rng.choice(
        (head + mid + end, f"{head} {mid} {end}", f"{head}-{mid}-{end}", f"+86 {head}{mid}{end}",
         f"+86-{head}-{mid}-{end}", f"86{head}{mid}{end}", land)
    )  # fmt: skip


def korean_phone(rng):
    mid, end = f"{rng.randint(2, 9)}{digits(rng, 3)}", digits(rng, 4)
    return rng.choice(
        (f"010-{mid}-{end}", f"010{mid}{end}", f"010 {mid} {end}", f"010.{mid}.{end}",
         f"+82-10-{mid}-{end}", f"+82 10 {mid} {end}", f"02-{mid}-{end}", f"031-{mid[:3]}-{end}")
    )  # fmt: skip


def american_phone(rng):
    area, mid, end = str(rng.choice((212, 415, 650, 206, 312))), digits(rng, 3), digits(rng, 4)
    return rng.choice(
        (f"({area}) {mid}-{end}", f"{area}-{mid}-{end}", f"{area}.{mid}.{end}", f"+1 {area}-{mid}-{end}",
         f"+1{area}2{mid[1:]}{end}", f"1-{area}-{mid}-{end}", f"({area}){mid}-{end}")
    )  # fmt: skip


def foreign_phone(rng):
    region = rng.choice(("GB", "DE", "FR", "JP", "IN", "BR", "AU", "VN", "SG", "HK", "TW", "NL"))
    number = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    form = rng.choice(("E164", "INTERNATIONAL"))
    return phonenumbers.format_number(number, getattr(phonenumbers.PhoneNumberFormat, form))


def phone(rng):
    return rng.choice((chinese_phone, korean_phone, american_phone, foreign_phone))(rng)


def secret(rng):
    alnum, url = string.ascii_letters + string.digits, string.ascii_letters + string.digits + "-_"
    upper, hexa = string.ascii_uppercase + string.digits, "0123456789abcdef"
    makers = (
        lambda: "sk-" + pick(rng, alnum, 48),
        lambda: "sk-proj-" + pick(rng, alnum, 20) + pick(rng, url, 80) + pick(rng, alnum, 20),
        lambda: "sk-ant-api03-" + pick(rng, alnum, 20) + pick(rng, url, 60) + "AA",
        lambda: "sk-" + pick(rng, hexa, 32),
        lambda: rng.choice(("AKIA", "ASIA")) + pick(rng, upper, 16),
        lambda: f"gh{rng.choice('pousr')}_" + pick(rng, alnum, 36),
        lambda: "github_pat_" + pick(rng, alnum, 22) + "_" + pick(rng, alnum, 59),
        lambda: "glpat-" + pick(rng, alnum, 20),
        lambda: f"xox{rng.choice('bp')}-{digits(rng, 12)}-{digits(rng, 12)}-{pick(rng, alnum, 24)}",
        lambda: "AIza" + pick(rng, url, 34) + "a",
        lambda: "hf_" + pick(rng, string.ascii_letters, 34),
        lambda: "npm_" + pick(rng, alnum, 36),
        lambda: "pypi-AgEIcHlwaS5vcmc" + pick(rng, url, 80) + "a",
        lambda: f"eyJ{pick(rng, alnum, 33)}.eyJ{pick(rng, url, 60)}.{pick(rng, url, 42)}a",
        lambda: f"SG.{pick(rng, url, 22)}.{pick(rng, url, 42)}a",
    )
    return rng.choice(makers)()


def password(rng):
    word = rng.choice(("hunter", "Tiger", "minsu", "woaini", "Winter", "qwer"))
    return rng.choice(
        (word + digits(rng, 4), word + "@" + digits(rng, 3), digits(rng, 8), word + "#" + digits(rng, 2) + "!",
         pick(rng, string.ascii_letters, 6) + digits(rng, 2) + rng.choice("!@#$%^&*"))
    )  # fmt: skip


def card(rng):
    head, length = rng.choice(
        (("4", 16), ("51", 16), ("5425", 16), ("2223", 16), ("34", 15), ("37", 15), ("6011", 16),
         ("3528", 16), ("622202", 19), ("622848", 16), ("36", 14))
    )  # fmt: skip
    body = head + digits(rng, length - len(head) - 1)
    number = body + luhn.calc_check_digit(body)
    if length == 16 and rng.random() < 0.6:
        return rng.choice((" ", "-")).join(number[i : i + 4] for i in range(0, 16, 4))
    return number


def address(rng):
    while True:
        if rng.random() < 0.3:
            ip = IPv6Address(rng.getrandbits(125) | (1 << 125))
        else:
            ip = IPv4Address(rng.getrandbits(32))
        if ip.is_global and not ip.is_multicast:
            return str(ip)


def chinese_id(rng):
    area = rng.choice(("110101", "310104", "440305", "510107", "330106", "659001", "420111"))
    body = f"{area}{day(rng):%Y%m%d}{digits(rng, 3)}"
    return body + mod_11_2.calc_check_digit(body)


def korean_rrn(rng):
    born = day(rng)
    century = rng.choice("12" if born.year < 2000 else "34")
    return f"{born:%y%m%d}-{century}{digits(rng, 6)}"


def us_ssn(rng):
    area = rng.choice([n for n in range(1, 900) if n != 666])
    return f"{area:03d}-{rng.randint(1, 99):02d}-{rng.randint(1, 9999):04d}"


def iban(rng):
    upper = string.ascii_uppercase
    country, account = rng.choice(
        (("DE", digits(rng, 18)), ("GB", pick(rng, upper, 4) + digits(rng, 14)), ("FR", digits(rng, 23)),
         ("NL", pick(rng, upper, 4) + digits(rng, 10)), ("PL", digits(rng, 24)))
    )  # fmt: skip
    number = country + mod_97_10.calc_check_digits(account + country) + account
    return (
        number
        if rng.random() < 0.5
        else " ".join(number[i : i + 4] for i in range(0, 40, 4)).strip()
    )


MAKERS = {
    "EMAIL": email, "PHONE": phone, "SECRET": secret, "PASSWORD": password, "CARD": card,
    "IP": address, "CN_ID": chinese_id, "KR_RRN": korean_rrn, "SSN": us_ssn, "IBAN": iban,
}  # fmt: skip


def planted(rng):
    """Make one text, and the same text as it must read afterwards."""
    kind = rng.choice(tuple(MAKERS))
    value, template = MAKERS[kind](rng), rng.choice(TEMPLATES[kind])
    if kind in ("EMAIL", "PHONE", "CARD") and rng.random() < 0.1:
        value = value.translate(WIDE)
    name = "SECRET" if kind == "PASSWORD" else kind
    return kind, template.format(v=value), template.format(v=f"<{name}_1>")


def hard_negative(rng):
    n = lambda low, high: rng.randint(low, high)  # noqa: E731
    moment = f"{day(rng)}T{n(0, 23):02d}:{n(0, 59):02d}:{n(0, 59):02d}"
    makers = (
        lambda: f"version {n(0, 20)}.{n(0, 20)}.{n(0, 20)}.{n(0, 9999)} of the driver",
        lambda: f"升级到版本{n(1, 9)}.{n(0, 20)}.{n(0, 20)}.{n(0, 99)}之后报错",
        lambda: f"버전 {n(1, 9)}.{n(0, 20)}.{n(0, 20)}.{n(0, 99)} 설치",
        lambda: f"pip install torch=={n(1, 9)}.{n(0, 9)}.{n(0, 9)}.{n(0, 9)} Chrome/{n(80, 130)}.0.{n(1000, 9999)}.{n(1, 200)}",
        lambda: f"{moment}.{digits(rng, 9)}Z",
        lambda: f"log at {moment}+09:00 until {day(rng)}",
        lambda: f"epoch {n(1_500_000_000, 1_800_000_000)}{rng.choice(('', '000'))}",
        lambda: f"{n(1500000000, 1800000000)} 转换成日期",
        lambda: f"订单号{digits(rng, n(10, 20))}什么时候到",
        lambda: f"주문번호 {digits(rng, n(10, 16))} 배송 조회",
        lambda: f"Where is order #{digits(rng, n(9, 19))}?",
        lambda: f"tracking number: {digits(rng, n(10, 20))}",
        lambda: f"计算 {digits(rng, n(8, 16))} {rng.choice('+-*/×÷')} {n(2, 9999)} = ?",
        lambda: f"What is {digits(rng, n(9, 14))} {rng.choice('+-*/')} {digits(rng, n(1, 6))}?",
        lambda: f"{digits(rng, 11)}을 {n(2, 9)}로 나누면?",
        lambda: f"{n(2, 9)} * {digits(rng, n(9, 13))} = {digits(rng, n(9, 13))}",
        lambda: f"Is {digits(rng, n(10, 13))} a prime?",
        lambda: f"round {rng.random():.18f} and {n(1, 9)}.{digits(rng, 16)}",
        lambda: f"uuid {UUID(int=rng.getrandbits(128))}",
        lambda: f"git show {rng.getrandbits(160):040x}",
        lambda: f"md5 {rng.getrandbits(128):032x} sha {rng.getrandbits(256):064x}",
        lambda: f"ISBN 978-{n(0, 9)}-{digits(rng, 2)}-{digits(rng, 6)}-{n(0, 9)}",
        lambda: f"EAN {digits(rng, 13)}",
        lambda: f"price {n(1, 999)},{n(100, 999)},{n(100, 999)}.{n(10, 99)}",
        lambda: f"总价¥{digits(rng, 11)}，约{digits(rng, 10)}元",
        lambda: f"매출 {digits(rng, 11)}원을 달러로",
        lambda: f"坐标 {rng.uniform(-90, 90):.6f},{rng.uniform(-180, 180):.6f}",
        lambda: f"MAC {':'.join(f'{n(0, 255):02x}' for _ in range(6))}",
        lambda: f"192.168.{n(0, 255)}.{n(1, 254)} 和 10.{n(0, 255)}.0.1 的子网掩码 255.255.255.0",
        lambda: f"sort {' '.join(str(n(1, 9999)) for _ in range(9))}",
        lambda: f"[{', '.join(str(n(1, 10**6)) for _ in range(9))}]",
        lambda: f"{n(1900, 2030)}-{n(1900, 2030)}年, 股票 {n(600000, 688999)}",
        lambda: f"x_{n(0, 9)} = arr[{n(0, 9)}:{n(10, 99)}]; y = {rng.getrandbits(64):#018x}",
        lambda: f"std::vector<int> v{{{n(1, 99)}}}; a::b(); fe80::{n(1, 99)}",
        lambda: f"A@B.mean(axis={n(0, 1)}) and @app.route('/v{n(1, 9)}')",
        lambda: f"icon@{n(2, 3)}x.png react@{n(16, 19)}.{n(0, 9)}.{n(0, 9)} git@github.com:a/b.git",
        lambda: f"sk-learn-{n(1, 9)} task-force-{n(10, 99)} sk-cube-grid-item-wrapper-{n(1, 99)}",
        lambda: "password must have 8-20 characters, token limit is 128000",
        lambda: f"password = os.environ['DB_{n(10, 99)}']; token = tokenizer.encode(text{n(1, 9)})",
        lambda: f"def login(password: str, api_key: str | None = None, max_tokens: int = {n(1, 10**6)}):",
        lambda: f"密码是什么？密码：至少{n(6, 16)}位",
        lambda: f"비밀번호는 {n(6, 16)}자리 이상이어야 하나요?",
        lambda: f"{day(rng):%y%m%d}-{n(1, 99)} 회의록, 제{n(1, 99)}조 {n(1, 9)}항",
        lambda: f"{n(1, 31)}/{n(1, 12)}/{n(1990, 2030)} {n(0, 23)}:{n(10, 59)}:{n(10, 59)}",
        lambda: f"1{digits(rng, 18)} 是雪花算法生成的吗",
        lambda: f"bin {pick(rng, '01', n(8, 24))} hex {rng.getrandbits(48):012x}",
        lambda: f"{n(100, 999)} {n(100, 999)} {n(100, 999)}",
        lambda: f"part no. {digits(rng, 3)}-{digits(rng, 2)}-{digits(rng, 4)}",
        lambda: f"https://example.com/item/{digits(rng, n(6, 9))}?page={n(1, 99)}",
    )  # fmt: skip
    return rng.choice(makers)()


@pytest.mark.parametrize("seed", SEEDS)
def test_nineteen_of_twenty_unseen_values_become_the_right_placeholder(seed):
    rng = Random(seed)
    missed = [
        (text, got)
        for _, text, wanted in (planted(rng) for _ in range(PER_SEED))
        if (got := Redactor().text(text)) != wanted
    ]
    assert len(missed) <= 0.05 * PER_SEED, missed[:20]


@pytest.mark.parametrize("seed", SEEDS)
def test_at_most_one_of_a_hundred_hard_negatives_is_flagged(seed):
    rng = Random(seed)
    flagged = [
        (text, got)
        for text in (hard_negative(rng) for _ in range(PER_SEED))
        if (got := Redactor().text(text)) != text
    ]
    assert len(flagged) <= 0.01 * PER_SEED, flagged[:20]
