"""Recall and false alarms on generated texts, over seeds whose misses nobody has looked at.

The texts are those of this file, and those of benchmarks/redaction.py, where Faker makes the
values; every run also takes a new seed, which a failure shows. Tune with other seeds. The
generators know the forms that the detectors know, so these figures guard against regressions; how
much private data of real logs is found they cannot say.
"""

import string
from datetime import date, timedelta
from ipaddress import IPv4Address, IPv6Address
from random import Random, SystemRandom
from uuid import UUID

import phonenumbers
import pytest
from stdnum import luhn
from stdnum.iso7064 import mod_11_2, mod_97_10

from tasks.redaction.redact import Redactor

SEEDS = (9_108_277, 4_450_013, SystemRandom().randrange(10**9))
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
        "why does {v} give 401?", '{{"api_key": "{v}"}}', "{v}", "用{v}调用接口",
        "curl -H 'X: {v}'",
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
    "CN_ID": (
        "身份证{v}", "身份证号是{v}，帮我核对", "{v}是哪里人", "주민증 {v} 확인", "ID card {v}.",
    ),
    "KR_RRN": (
        "주민번호는 {v}입니다", "{v} 맞나요", "주민등록번호:{v}", "韩国身份证{v}", "my RRN is {v}",
    ),
    "SSN": (
        "My SSN is {v}.", "SSN: {v}", "社会安全号码{v}", "사회보장번호 {v} 입니다", "is {v} valid",
    ),
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
        (f"({area}) {mid}-{end}", f"{area}-{mid}-{end}", f"{area}.{mid}.{end}",
         f"+1 {area}-{mid}-{end}", f"+1{area}2{mid[1:]}{end}", f"1-{area}-{mid}-{end}",
         f"({area}){mid}-{end}")
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
        (word + digits(rng, 4), word + "@" + digits(rng, 3), digits(rng, 8),
         word + "#" + digits(rng, 2) + "!",
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
        (("DE", digits(rng, 18)), ("GB", pick(rng, upper, 4) + digits(rng, 14)),
         ("FR", digits(rng, 23)), ("NL", pick(rng, upper, 4) + digits(rng, 10)),
         ("PL", digits(rng, 24)))
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


def moment(rng):
    return f"{day(rng)}T{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}:{rng.randint(0, 59):02d}"


HARD_NEGATIVES = (  # r: the generator, n: a number in a range, d: a string of so many digits
    lambda r, n, d: f"version {n(0, 20)}.{n(0, 20)}.{n(0, 20)}.{n(0, 9999)} of the driver",
    lambda r, n, d: f"升级到版本{n(1, 9)}.{n(0, 20)}.{n(0, 20)}.{n(0, 99)}之后报错",
    lambda r, n, d: f"버전 {n(1, 9)}.{n(0, 20)}.{n(0, 20)}.{n(0, 99)} 설치",
    lambda r, n, d: f"pip install torch=={n(1, 9)}.{n(0, 9)}.{n(0, 9)}.{n(0, 9)}",
    lambda r, n, d: f"Chrome/{n(80, 130)}.0.{n(1000, 9999)}.{n(1, 200)} Safari/537.36",
    lambda r, n, d: f"{moment(r)}.{d(9)}Z",
    lambda r, n, d: f"log at {moment(r)}+09:00 until {day(r)}",
    lambda r, n, d: f"epoch {n(1_500_000_000, 1_800_000_000)}{r.choice(('', '000'))}",
    lambda r, n, d: f"{n(1500000000, 1800000000)} 转换成日期",
    lambda r, n, d: f"订单号{d(n(10, 20))}什么时候到",
    lambda r, n, d: f"주문번호 {d(n(10, 16))} 배송 조회",
    lambda r, n, d: f"Where is order #{d(n(9, 19))}?",
    lambda r, n, d: f"tracking number: {d(n(10, 20))}",
    lambda r, n, d: f"计算 {d(n(8, 16))} {r.choice('+-*/×÷')} {n(2, 9999)} = ?",
    lambda r, n, d: f"What is {d(n(9, 14))} {r.choice('+-*/')} {d(n(1, 6))}?",
    lambda r, n, d: f"{d(11)}을 {n(2, 9)}로 나누면?",
    lambda r, n, d: f"{n(2, 9)} * {d(n(9, 13))} = {d(n(9, 13))}",
    lambda r, n, d: f"Is {d(n(10, 13))} a prime?",
    lambda r, n, d: f"round {r.random():.18f} and {n(1, 9)}.{d(16)}",
    lambda r, n, d: f"uuid {UUID(int=r.getrandbits(128))}",
    lambda r, n, d: f"git show {r.getrandbits(160):040x}",
    lambda r, n, d: f"md5 {r.getrandbits(128):032x} sha {r.getrandbits(256):064x}",
    lambda r, n, d: f"ISBN 978-{n(0, 9)}-{d(2)}-{d(6)}-{n(0, 9)}",
    lambda r, n, d: f"EAN {d(13)}",
    lambda r, n, d: f"price {n(1, 999)},{n(100, 999)},{n(100, 999)}.{n(10, 99)}",
    lambda r, n, d: f"总价¥{d(11)}，约{d(10)}元",
    lambda r, n, d: f"매출 {d(11)}원을 달러로",
    lambda r, n, d: f"坐标 {r.uniform(-90, 90):.6f},{r.uniform(-180, 180):.6f}",
    lambda r, n, d: f"MAC {':'.join(f'{n(0, 255):02x}' for _ in range(6))}",
    lambda r, n, d: f"192.168.{n(0, 255)}.{n(1, 254)} 和 10.{n(0, 255)}.0.1 的掩码 255.255.0.0",
    lambda r, n, d: f"sort {' '.join(str(n(1, 9999)) for _ in range(9))}",
    lambda r, n, d: f"[{', '.join(str(n(1, 10**6)) for _ in range(9))}]",
    lambda r, n, d: f"{n(1900, 2030)}-{n(1900, 2030)}年, 股票 {n(600000, 688999)}",
    lambda r, n, d: f"x_{n(0, 9)} = arr[{n(0, 9)}:{n(10, 99)}]; y = {r.getrandbits(64):#018x}",
    lambda r, n, d: f"std::vector<int> v{{{n(1, 99)}}}; a::b(); fe80::{n(1, 99)}",
    lambda r, n, d: f"A@B.mean(axis={n(0, 1)}) and @app.route('/v{n(1, 9)}')",
    lambda r, n, d: f"icon@{n(2, 3)}x.png react@{n(16, 19)}.{n(0, 9)}.{n(0, 9)}",
    lambda r, n, d: f"git clone git@github.com:team/repo-{n(1, 99)}.git",
    lambda r, n, d: f"sk-learn-{n(1, 9)} sk-cube-grid-item-wrapper-{n(1, 99)}",
    lambda r, n, d: f"task-force-{n(10, 99)} risk-assessment-framework-guide-{n(2000, 2030)}",
    lambda r, n, d: "password must have 8-20 characters, token limit is 128000",
    lambda r, n, d: f"password = os.environ['DB_{n(10, 99)}']",
    lambda r, n, d: f"token = tokenizer.encode(text{n(1, 9)}, max_length={n(100, 10**6)})",
    lambda r, n, d: f"def login(password: str, token: str = '', max_tokens: int = {n(1, 10**6)}):",
    lambda r, n, d: f"密码是什么？密码：至少{n(6, 16)}位",
    lambda r, n, d: f"비밀번호는 {n(6, 16)}자리 이상이어야 하나요?",
    lambda r, n, d: f"{day(r):%y%m%d}-{n(1, 99)} 회의록, 제{n(1, 99)}조 {n(1, 9)}항",
    lambda r, n, d: f"{n(1, 31)}/{n(1, 12)}/{n(1990, 2030)} {n(0, 23)}:{n(10, 59)}:{n(10, 59)}",
    lambda r, n, d: f"1{d(18)} 是雪花算法生成的吗",
    lambda r, n, d: f"bin {pick(r, '01', n(8, 24))} hex {r.getrandbits(48):012x}",
    lambda r, n, d: f"{n(100, 999)} {n(100, 999)} {n(100, 999)}",
    lambda r, n, d: f"part no. {d(3)}-{d(2)}-{d(4)}",
    lambda r, n, d: f"https://example.com/item/{d(n(6, 9))}?page={n(1, 99)}",
)  # fmt: skip


def hard_negative(rng):
    make = rng.choice(HARD_NEGATIVES)
    return make(rng, rng.randint, lambda length: digits(rng, length))


@pytest.mark.parametrize("seed", SEEDS, ids=["first", "second", "new"])
def test_97_of_100_unseen_values_become_the_right_placeholder(seed):
    rng = Random(seed)
    missed = [
        (text, got)
        for _, text, wanted in (planted(rng) for _ in range(PER_SEED))
        if (got := Redactor().text(text)) != wanted
    ]
    assert len(missed) <= 0.03 * PER_SEED, missed[:20]


@pytest.mark.parametrize("seed", SEEDS, ids=["first", "second", "new"])
def test_at_most_one_of_two_hundred_hard_negatives_is_flagged(seed):
    rng = Random(seed)
    flagged = [
        (text, got)
        for text in (hard_negative(rng) for _ in range(PER_SEED))
        if (got := Redactor().text(text)) != text
    ]
    assert len(flagged) <= 0.005 * PER_SEED, flagged[:20]


@pytest.mark.parametrize("seed", SEEDS, ids=["first", "second", "new"])
def test_the_benchmark_reaches_its_limits(seed):
    benchmark = pytest.importorskip("benchmarks.redaction", reason="Faker is not installed")
    values = benchmark.Values(seed)
    made = benchmark.held_out(values, PER_SEED)
    hard = benchmark.hard_negatives(values, PER_SEED)
    figures = benchmark.quality(benchmark.ours(), made, hard)
    assert figures["recall"] >= benchmark.LIMITS["recall"], figures
    assert figures["flagged"] <= benchmark.LIMITS["flagged"], figures
