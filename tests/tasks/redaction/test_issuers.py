"""Every form of a key: what it finds, alone and in a sentence, and that RE2 reads it alike."""

# ruff: noqa: E501

import re
import string
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.redaction.detectors import may_hold_private
from tasks.redaction.issuers import FORMS, UUID
from tasks.redaction.redact import Redactor

RNG = Random(20260211)
HEX = "0123456789abcdef"
ALNUM = string.ascii_letters + string.digits
UPPER = string.ascii_uppercase + string.digits


def pick(letters, length):
    return "".join(RNG.choices(letters, k=length - 1)) + RNG.choice(letters[-10:])


UUID_ = "-".join(pick(HEX, n) for n in (8, 4, 4, 4, 12))
# as the issuers' documents show them; {} is where a webhook's key stands
EXAMPLES = {
    "aws_key_id": ["AKIA" + pick(UPPER, 16), "ASIA" + pick(UPPER, 16)],
    "aws_bedrock": ["ABSK" + pick(ALNUM, 128)],
    "google": ["AIza" + pick(ALNUM, 35), "ya29." + pick(ALNUM, 60), "GOCSPX-" + pick(ALNUM, 28)],
    "azure_storage": [("DefaultEndpointsProtocol=https;AccountName=x;AccountKey={};Suffix=y", pick(ALNUM, 86) + "==")],
    "azure_sas": [("https://x.blob.core.windows.net/a?sv=2022&sp=r&sig={}", pick(ALNUM, 43) + "=")],
    "azure_client": [pick(ALNUM, 3) + "8Q~" + pick(ALNUM, 34)],
    "azure_service": [pick(ALNUM, 52) + "JQQJ99" + pick(ALNUM, 26)],
    "azure_devops": [pick(ALNUM, 76) + "AZDO" + pick(ALNUM, 4)],
    "digitalocean": ["dop_v1_" + pick(HEX, 64)],
    "databricks": ["dapi" + pick(HEX, 32), "dapi" + pick(HEX, 32) + "-2"],
    "alibaba": ["LTAI" + pick(ALNUM, 20), "LTAI" + pick(ALNUM, 12)],
    "tencent": ["AKID" + pick(ALNUM, 32)],
    "volcengine": ["AKLT" + pick(ALNUM, 44)],
    "baidu": [f"bce-v3/ALTAK-{pick(ALNUM, 21)}/{pick(HEX, 40)}"],
    "yandex": ["AQVN" + pick(ALNUM, 36)],
    "heroku": ["HRKU-" + UUID_, "HRKU-AA" + pick(ALNUM, 58)],
    "fly": ["fm2_" + pick(ALNUM, 120), "fo1_" + pick(ALNUM, 43)],
    "netlify": ["nfp_" + pick(ALNUM, 36)],
    "cloudflare": [f"v1.0-{pick(HEX, 24)}-{pick(HEX, 146)}"],
    "planetscale": ["pscale_tkn_" + pick(ALNUM, 43)],
    "supabase": ["sbp_" + pick(HEX, 40), "sb_secret_" + pick(ALNUM, 31)],
    "terraform": [pick(ALNUM, 14) + ".atlasv1." + pick(ALNUM, 67)],
    "vault": ["hvs." + pick(ALNUM, 92)],
    "doppler": ["dp.pt." + pick(ALNUM, 43), "dp.st.prod." + pick(ALNUM, 43)],
    "pulumi": ["pul-" + pick(HEX, 40)],
    "onepassword": ["ops_eyJ" + pick(ALNUM, 300), f"A3-{pick(UPPER, 6)}-{pick(UPPER, 11)}-{pick(UPPER, 5)}-{pick(UPPER, 5)}-{pick(UPPER, 5)}"],
    "openai_and_kin": [
        "sk-" + pick(ALNUM, 48), "sk-proj-" + pick(ALNUM, 74), f"sk-ant-api03-{pick(ALNUM, 93)}AA",
        "sk-or-v1-" + pick(HEX, 64), "sk-" + pick(HEX, 32), "sk-svcacct-" + pick(ALNUM, 58),
    ],
    "openai_session": ["sess-" + pick(ALNUM, 40)],
    "hugging_face": ["hf_" + pick(string.ascii_letters, 34), "api_org_" + pick(ALNUM, 34)],
    "groq": ["gsk_" + pick(ALNUM, 52)],
    "xai": ["xai-" + pick(ALNUM, 80)],
    "replicate": ["r8_" + pick(ALNUM, 37)],
    "perplexity": ["pplx-" + pick(ALNUM, 48)],
    "nvidia": ["nvapi-" + pick(ALNUM, 64)],
    "together": ["tgp_v1_" + pick(ALNUM, 43)],
    "fireworks": ["fw_" + pick(ALNUM, 22)],
    "pinecone": [f"pcsk_{pick(ALNUM, 5)}_{pick(ALNUM, 63)}"],
    "langsmith": [f"lsv2_pt_{pick(HEX, 32)}_{pick(HEX, 10)}"],
    "tavily": ["tvly-dev-" + pick(ALNUM, 32)],
    "jina": ["jina_" + pick(HEX, 32) + pick(ALNUM, 28)],
    "voyage": ["pa-" + pick(ALNUM, 43)],
    "elevenlabs": ["sk_" + pick(HEX, 48)],
    "zhipu": [f"{pick(HEX, 32)}.{pick(ALNUM, 16)}"],
    "github": ["ghp_" + pick(ALNUM, 36), f"github_pat_{pick(ALNUM, 22)}_{pick(ALNUM, 59)}"],
    "gitlab": ["glpat-" + pick(ALNUM, 20), "glrt-" + pick(ALNUM, 20), "GR1348941" + pick(ALNUM, 20)],
    "atlassian": ["ATATT3" + pick(ALNUM, 186), "ATBB" + pick(ALNUM, 32)],
    "npm": ["npm_" + pick(ALNUM, 36)],
    "pypi": ["pypi-AgEIcHlwaS5vcmc" + pick(ALNUM, 80)],
    "docker": ["dckr_pat_" + pick(ALNUM, 27)],
    "rubygems": ["rubygems_" + pick(HEX, 48)],
    "crates": ["cio" + pick(ALNUM, 32)],
    "nuget": ["oy2" + pick(string.ascii_lowercase + string.digits, 43)],
    "clojars": ["CLOJARS_" + pick(HEX, 60)],
    "artifactory": ["AKCp" + pick(ALNUM, 69)],
    "sentry": ["sntrys_eyJ" + pick(ALNUM, 120), "sntryu_" + pick(HEX, 64)],
    "grafana": [f"glsa_{pick(ALNUM, 32)}_{pick(HEX, 8)}", "glc_" + pick(ALNUM, 80)],
    "new_relic": ["NRAK-" + pick(UPPER, 27)],
    "postman": [f"PMAK-{pick(HEX, 24)}-{pick(HEX, 34)}"],
    "prefect": ["pnu_" + pick(ALNUM, 36)],
    "linear": ["lin_api_" + pick(ALNUM, 40)],
    "notion": ["ntn_" + pick(string.digits, 11) + pick(ALNUM, 35), "secret_" + pick(ALNUM, 43)],
    "airtable": [f"pat{pick(ALNUM, 14)}.{pick(HEX, 64)}"],
    "figma": ["figd_" + pick(ALNUM, 40)],
    "dropbox": ["sl." + pick(ALNUM, 130)],
    "jwt": [f"eyJ{pick(ALNUM, 33)}.eyJ{pick(ALNUM, 60)}.{pick(ALNUM, 43)}"],
    "age": ["AGE-SECRET-KEY-1" + pick("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58)],
    "slack": [f"xoxb-{pick(string.digits, 12)}-{pick(string.digits, 12)}-{pick(ALNUM, 24)}"],
    "slack_webhook": [("https://hooks.slack.com/services/{}", f"T{pick(UPPER, 8)}/B{pick(UPPER, 8)}/{pick(ALNUM, 24)}")],
    "discord": [f"M{pick(ALNUM, 25)}.{pick(ALNUM, 6)}.{pick(ALNUM, 38)}"],
    "discord_webhook": [("https://discord.com/api/webhooks/{}", f"{pick(string.digits, 18)}/{pick(ALNUM, 68)}")],
    "telegram": [f"{RNG.randint(10**9, 10**10 - 1)}:AA{pick(ALNUM, 33)}"],
    "teams_webhook": [("https://x.webhook.office.com/webhookb2/{}", f"{UUID_}@{UUID_}/IncomingWebhook/{pick(HEX, 32)}/{UUID_}")],
    "feishu": [("https://open.feishu.cn/open-apis/bot/v2/hook/{}", UUID_)],
    "dingtalk": [("https://oapi.dingtalk.com/robot/send?access_token={}", pick(HEX, 64))],
    "dingtalk_signing": ["SEC" + pick(HEX, 64)],
    "wecom": [("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={}", UUID_)],
    "kakao": [("Authorization: KakaoAK {}", pick(HEX, 32))],
    "line": [("https://notify-api.line.me/api -H Bearer {}", pick(ALNUM, 43))],
    "sendgrid": [f"SG.{pick(ALNUM, 22)}.{pick(ALNUM, 43)}"],
    "mailgun": ["key-" + pick(HEX, 32), f"{pick(HEX, 32)}-{pick(HEX, 8)}-{pick(HEX, 8)}"],
    "mailchimp": [pick(HEX, 32) + "-us12"],
    "brevo": [f"xkeysib-{pick(HEX, 64)}-{pick(ALNUM, 16)}"],
    "twilio": ["SK" + pick(HEX, 32)],
    "facebook": ["EAA" + pick(ALNUM, 180)],
    "stripe": ["sk_live_" + pick(ALNUM, 24), "rk_test_" + pick(ALNUM, 24), "whsec_" + pick(ALNUM, 32)],
    "square": ["sq0atp-" + pick(ALNUM, 22), "EAAA" + pick(ALNUM, 60)],
    "paypal": [f"access_token$production${pick(HEX, 16)}${pick(HEX, 32)}"],
    "plaid": ["access-production-" + UUID_],
    "shopify": ["shpat_" + pick(HEX, 32)],
    "shippo": ["shippo_live_" + pick(HEX, 40)],
    "easypost": ["EZAK" + pick(ALNUM, 54)],
    "razorpay": ["rzp_live_" + pick(ALNUM, 14)],
    "flutterwave": ["FLWSECK-" + pick(HEX, 32) + "-X"],
}  # fmt: skip
CASES = [
    (name, *(each if isinstance(each, tuple) else ("{}", each)))
    for name, examples in EXAMPLES.items()
    for each in examples
]


def test_every_form_has_an_example():
    assert EXAMPLES.keys() == FORMS.keys()


@pytest.mark.parametrize(("name", "where", "key"), CASES, ids=[case[0] for case in CASES])
def test_key_is_cut_whole_in_three_languages(name, where, key):
    for sentence in ("why is {} refused?", "我的密钥{}为什么报错", "이 키({})가 안 돼요", "{}"):
        text = sentence.format(where)
        assert Redactor().text(text.format(key)) == text.format("<SECRET_1>")


@pytest.mark.parametrize("name", [name for name, where, _ in CASES if where == "{}"])
def test_key_inside_a_longer_word_is_none(name):
    key = EXAMPLES[name][0]
    assert re.search(rf"(?<![A-Za-z0-9])(?:{FORMS[name]})(?![A-Za-z0-9])", "x" + key) is None


@settings(deadline=None, derandomize=True, max_examples=200)
@given(
    st.sampled_from(sorted(FORMS)).flatmap(lambda name: st.from_regex(FORMS[name], fullmatch=True))
)
def test_re2_sees_every_key_that_python_sees(key):
    assert may_hold_private(key)


def test_uuid_is_no_key():
    assert re.fullmatch(UUID, UUID_)
    assert Redactor().text(UUID_) == UUID_
