"""Keys and tokens that their form gives away: who issues them, and how they look.

The forms are the issuers' own, as they document them or as gitleaks (MIT) and GitHub's secret
scanning list them. Lengths are lower bounds where issuers made keys longer over the years, so
that a longer key is cut whole. Where a form has a group, only that is cut: the address of a
webhook may stay, its key may not. RE2 runs the forms too: no look-around in here.
"""

import re
from collections.abc import Iterator

from tasks.redaction.spans import Finder, Span
from tasks.redaction.stand_ins import is_filler

HEX = "[0-9a-f]"
ALNUM = "[A-Za-z0-9]"
WORD = "[A-Za-z0-9_-]"
UUID = f"{HEX}{{8}}-{HEX}{{4}}-{HEX}{{4}}-{HEX}{{4}}-{HEX}{{12}}"

FORMS = {
    # clouds
    "aws_key_id": r"(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}",
    "aws_bedrock": rf"(?:ABSK|bedrock-api-key-){ALNUM}[A-Za-z0-9+/]{{40,}}=*",
    "google": rf"AIza{WORD}{{33,}}|ya29\.{WORD}{{20,}}|GOCSPX-{WORD}{{20,}}|1//0{WORD}{{38,}}",
    "azure_storage": r"(?i:Account|SharedAccess|Access)Key=([A-Za-z0-9+/]{40,88}=*)",
    "azure_sas": r"sig=([A-Za-z0-9+/%]{40,}=*)",
    "azure_client": r"[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}",
    "azure_service": rf"{ALNUM}{{52}}JQQJ9[9D]{ALNUM}{{22,}}",
    "azure_devops": rf"{ALNUM}{{76}}AZDO{ALNUM}{{4}}",
    "digitalocean": f"do[opr]_v1_{HEX}{{64}}",
    "databricks": f"dapi{HEX}{{32}}(?:-[0-9])?",
    "alibaba": f"LTAI{ALNUM}{{12,30}}",
    "tencent": f"AKID{ALNUM}{{28,40}}",
    "volcengine": f"AKLT{ALNUM}{{40,}}=*",
    "baidu": f"bce-v3/ALTAK-{ALNUM}{{16,}}/{HEX}{{40}}",
    "yandex": f"AQVN{WORD}{{35,38}}|t1\\.[A-Z0-9a-z_-]{{30,}}\\.{WORD}{{80,}}",
    "heroku": f"HRKU-AA{WORD}{{58}}|HRKU-{UUID}",
    "fly": r"fm[12][ar]?_[A-Za-z0-9+/_-]{60,}=*|fo1_[A-Za-z0-9_-]{43}",
    "netlify": f"nf[pcoub]_{ALNUM}{{36}}",
    "cloudflare": f"v1\\.0-{HEX}{{24}}-{HEX}{{146}}",
    "planetscale": r"pscale_(?:tkn|oauth|pw)_[A-Za-z0-9=._-]{32,64}",
    "supabase": f"sbp_{HEX}{{40}}|sb_secret_{WORD}{{20,}}",
    "terraform": rf"{ALNUM}{{14}}\.atlasv1\.{WORD}{{60,70}}",
    "vault": rf"hv[sbr]\.{WORD}{{24,}}",
    "doppler": rf"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{{2,35}}\.)?{ALNUM}{{40,44}}",
    "pulumi": f"pul-{HEX}{{40}}",
    "onepassword": "ops_eyJ[A-Za-z0-9+/]{100,}=*"
    "|A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}",
    # models
    "openai_and_kin": f"sk-{WORD}{{20,}}",  # Anthropic, OpenRouter, DeepSeek, Moonshot, Qwen ...
    "openai_session": f"sess-{ALNUM}{{40}}",
    "hugging_face": f"hf_{ALNUM}{{30,}}|api_org_{ALNUM}{{34}}",
    "groq": f"gsk_{ALNUM}{{40,}}",
    "xai": f"xai-{ALNUM}{{60,}}",
    "replicate": f"r8_{ALNUM}{{37}}",
    "perplexity": f"pplx-{ALNUM}{{40,}}",
    "nvidia": f"nvapi-{WORD}{{40,}}",
    "together": f"tgp_v1_{WORD}{{40,}}",
    "fireworks": f"fw_{ALNUM}{{22,24}}",
    "pinecone": f"pcsk_{ALNUM}{{5,6}}_{ALNUM}{{60,}}",
    "langsmith": f"lsv2_(?:pt|sk)_{HEX}{{32}}_{HEX}{{10}}",
    "tavily": f"tvly-(?:dev-|prod-)?{ALNUM}{{28,}}",
    "jina": f"jina_{HEX}{{32}}{WORD}{{20,}}",
    "voyage": f"(?:pa|al)-{WORD}{{43}}",
    "elevenlabs": f"sk_{HEX}{{48}}",
    "zhipu": rf"{HEX}{{32}}\.{ALNUM}{{16}}",
    # code
    "github": f"gh[opsur]_{ALNUM}{{36,}}|github_pat_[A-Za-z0-9_]{{50,}}",
    "gitlab": rf"gl(?:pat|dt|rt|rtr|cbt|ptt|ft|imt|agent|soat|oas|ffct|wt)-[A-Za-z0-9_.-]{{20,}}"
    f"|GR1348941{WORD}{{20}}",
    "atlassian": f"ATATT3[A-Za-z0-9_=-]{{60,}}|ATCTT3[A-Za-z0-9_=-]{{60,}}|ATBB{ALNUM}{{24,}}",
    "npm": f"npm_{ALNUM}{{36,}}",
    "pypi": f"pypi-{WORD}{{40,}}",
    "docker": f"dckr_[po]at_{WORD}{{27,}}",
    "rubygems": f"rubygems_{HEX}{{48}}",
    "crates": f"cio{ALNUM}{{32}}",
    "nuget": "oy2[a-z0-9]{43}",
    "clojars": f"CLOJARS_{HEX}{{60}}",
    "artifactory": f"AKCp{ALNUM}{{60,}}|cmVmd{ALNUM}{{59}}",
    "sentry": f"sntrys_eyJ[A-Za-z0-9+/=_-]{{60,}}|sntry[ua]_{HEX}{{64}}",
    "grafana": f"glc_[A-Za-z0-9+/]{{32,}}=*|glsa_{ALNUM}{{32}}_[0-9A-Fa-f]{{8}}",
    "new_relic": f"NRAK-[A-Z0-9]{{27}}|NRII-{WORD}{{32}}|NRJS-{HEX}{{19}}",
    "postman": f"PMAK-{HEX}{{24}}-{HEX}{{34}}",
    "prefect": f"pn[ub]_{ALNUM}{{36}}",
    "linear": f"lin_(?:api|oauth)_{ALNUM}{{40,}}",
    "notion": f"ntn_[0-9]{{11}}{ALNUM}{{35}}|secret_{ALNUM}{{43}}",
    "airtable": rf"pat{ALNUM}{{14}}\.{HEX}{{64}}",
    "figma": f"fig[dou]r?_{WORD}{{40,}}",
    "dropbox": rf"sl\.(?:u\.)?{WORD}{{60,}}",
    "jwt": rf"eyJ{WORD}{{8,}}\.eyJ{WORD}{{8,}}(?:\.{WORD}*)?|eyJ{WORD}{{8,}}(?:\.{WORD}*){{4}}",
    "age": "AGE-SECRET-KEY-1[0-9A-Z]{58}",
    # chat and mail
    "slack": r"xox[abeoprs]-[A-Za-z0-9-]{10,}|x(?:app|oxe\.xox[bp])-[A-Za-z0-9-]{20,}",
    "slack_webhook": rf"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)"
    f"/({ALNUM}+(?:/{ALNUM}+)+)",
    "discord": rf"[MNO][A-Za-z0-9_-]{{22,27}}\.{WORD}{{6}}\.{WORD}{{27,}}",
    "discord_webhook": rf"discord(?:app)?\.com/api/(?:v[0-9]+/)?webhooks"
    f"/([0-9]{{17,20}}/{WORD}{{30,}})",
    "telegram": "[0-9]{8,10}:A[A-Za-z0-9_-]{34,}",
    "teams_webhook": r"webhook\.office\.com/webhookb2/([A-Za-z0-9@/-]{40,})",
    "feishu": rf"open\.(?:feishu\.cn|larksuite\.com)/open-apis/bot/(?:v2/)?hook/({WORD}{{20,}})",
    "dingtalk": rf"oapi\.dingtalk\.com/robot/send\?access_token=({ALNUM}{{32,}})",
    "dingtalk_signing": f"SEC{HEX}{{64}}",
    "wecom": rf"qyapi\.weixin\.qq\.com/cgi-bin/webhook/[a-z_]+\?(?:[a-z_]+=[a-z]+&)?"
    f"key=({WORD}{{30,}})",
    "kakao": f"KakaoAK ({HEX}{{32}})",
    "line": rf"notify-api\.line\.me\S* Bearer ({ALNUM}{{43}})",
    "sendgrid": rf"SG\.{WORD}{{16,}}\.{WORD}{{16,}}",
    "mailgun": f"(?:pub)?key-{HEX}{{32}}|{HEX}{{32}}-{HEX}{{8}}-{HEX}{{8}}",
    "mailchimp": f"{HEX}{{32}}-us[0-9]{{1,2}}",
    "brevo": f"xkeysib-{HEX}{{64}}-{ALNUM}{{16}}",
    "twilio": "(?:SK|AC)[0-9a-f]{32}",
    "facebook": f"EAA{ALNUM}{{80,}}",
    # money and shops
    "stripe": f"[rs]k_(?:live|test|prod)_{ALNUM}{{10,}}|whsec_[A-Za-z0-9+/]{{24,}}=*",
    "square": f"sq0[a-z]{{3}}-{WORD}{{22,}}|EAAA{WORD}{{50,}}",
    "paypal": rf"access_token\$(?:production|sandbox)\$[a-z0-9]{{16}}\${HEX}{{32}}",
    "plaid": f"access-(?:sandbox|development|production)-{UUID}",
    "shopify": "shp(?:at|ca|pa|ss|tka)_[0-9a-fA-F]{32}",
    "shippo": "shippo_(?:live|test)_[0-9a-fA-F]{40}",
    "easypost": f"EZ[AT]K{ALNUM}{{54}}",
    "razorpay": f"rzp_live_{ALNUM}{{14,}}",
    "flutterwave": f"FLWSECK(?:_TEST)?-{ALNUM}{{12,}}(?:-X)?",
}  # fmt: skip

_KEBAB_MAX = 15  # characters between hyphens; CSS has classes like sk-cube-grid-item-12
_AWS_NEAR = 200  # characters between a key id and its secret
_AWS_KEY_ID = re.compile(FORMS["aws_key_id"])
_AWS_SECRET = re.compile(r"(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")
_AWS_LETTERS = (re.compile("[0-9]"), re.compile("[a-z]"), re.compile("[A-Z]"))


def form(body: str) -> Finder:
    """Return the finder of one form, where it is neither drawn (sk-xxxx) nor part of a word."""
    pattern = re.compile(rf"(?<![A-Za-z0-9])(?:{body})(?![A-Za-z0-9])")

    def find(text: str) -> Iterator[Span]:
        for found in pattern.finditer(text):
            value = found.group(found.lastindex or 0)
            if not is_filler(value) and not _is_kebab_word(value):
                yield found.span(found.lastindex or 0)

    return find


def aws_secrets(text: str) -> Iterator[Span]:
    """Yield 40 random characters near an AWS key id, which is how people paste the pair."""
    for key_id in _AWS_KEY_ID.finditer(text):
        around = max(0, key_id.start() - _AWS_NEAR), key_id.end() + _AWS_NEAR
        for found in _AWS_SECRET.finditer(text, *around):
            if all(letters.search(found.group()) for letters in _AWS_LETTERS):
                yield found.span()


def _is_kebab_word(token: str) -> bool:
    if not token.startswith("sk-"):
        return False
    pieces = re.split("[_-]", token)
    is_random = bool(re.search("[A-Z]", token) and len(re.findall("[0-9]", token)) >= 3)
    return max(map(len, pieces)) <= _KEBAB_MAX and not is_random
