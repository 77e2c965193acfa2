"""How people speak of a file, an image or a link that they mean to have sent.

Read in lower case, without greetings and please.
"""

_IT = "(?:image|picture|pic|photo|photograph|screenshot|video|audio|recording|scan|pdf|diagram)"
_FILE = (
    "(?:file|document|doc|image|picture|photo|photograph|screenshot|pdf|spreadsheet|csv|excel"
    "|sheet|paper|resume|cv|dataset|data|video|audio|report|slides?|contract|article|table|chart)"
)
_SEE = (
    "(?:describe|caption|analy[sz]e|explain|identify|transcribe|translate|read|summari[sz]e|rate"
    "|edit|enhance|look at|check)"
)
_URL = r"https?://\S+"
_CHINESE_FILE = "(?:图|图片|照片|截图|图像|视频|录音|文件|文档|附件)"
_KOREAN_FILE = "(?:사진|그림|이미지|스크린샷|동영상|영상|파일)"

WISHES = (
    # en
    rf"\b(?:the|my|this|these|see|using|use|from|in|with|per) (?:attached|uploaded|enclosed)"
    rf" (?:[a-z]+ )?{_FILE}s?\b",
    rf"\bi(?:'ve| have)? (?:just )?attached (?:an?|the|my|this|two|some) (?:[a-z]+ )?{_FILE}s?"
    r"(?: here| below| above)?(?:[.;:!?]|$|, ?(?:can|could|please|what|how|tell|is|do)\b)",
    rf"\bi(?:'ve| have)? (?:just )?uploaded (?:an?|the|my|this|two|some) (?:[a-z]+ )?{_FILE}s?"
    r"(?: here| below)?[.,;:!]+ (?:can|could|please|what|who|tell|describe|summari[sz]e|analy[sz]e"
    r"|review|read)\b",
    r"^(?:see|check|read|review|open|refer to|look at|summari[sz]e) (?:the |my |this )?"
    r"attach(?:ed|ment)\b",
    rf"^what(?:'s| is| are| do you see| does)? (?:[a-z]+ )*(?:in|on) (?:this|that|the) {_IT}$",
    rf"^{_SEE}(?: me)?(?: what(?:'s| is) in)? (?:this|that|these|the) {_IT}s?$",
    rf"^{_SEE}(?: me)? this (?:chart|graph|spreadsheet|file|document)$",
    rf"^extract (?:all |the )*(?:text|words|data|table) from (?:this|that|the) {_IT}$",
    rf"^(?:who|what|where) (?:is|are|was) (?:[a-z]+ )*(?:this|that) {_IT}$",
    r"^(?:summari[sz]e|read|open|watch|visit|translate|transcribe|check|review|analy[sz]e)(?: out)?"
    r"(?: this| the| that| my)?(?: (?:article|page|site|website|video|link|url|post|blog|paper"
    rf"|news|story))*(?: at| from| in)?[ :]*{_URL}$",
    rf"^{_URL} (?:summari[sz]e|translate|review|explain)(?: (?:this|it|the [a-z]+))?$",
    # zh
    r"(?:见|看|看看|读|打开|分析|参考|根据|总结|翻译)(?:一下)?附件|附件(?:里|中|内)(?:的|有|是|写|讲|说)",
    rf"(?:上传|发送|附上)(?:了|的)(?:这|一|那)?(?:个|张|份|段)?{_CHINESE_FILE}",
    r"(?:这|那)(?:张|幅)(?:图片|照片|截图|图像|图)(?:里|中|上|是|的|有|讲|说)",
    "^(?:图|图片|照片|截图|图像)(?:里|中|上)面?(?:有|是|写)[^，。：:]*(?:什么|几|多少|谁|哪)[^，。：:]*$",
    rf"^(?:描述|分析|看看|看|解释|识别|翻译|总结|概括)(?:一下)?(?:这|那)(?:张|幅|个|段|份){_CHINESE_FILE}$",
    r"^(?:总结|阅读|读|打开|看看|看|翻译|概括|访问)(?:一下)?(?:这个|这篇|该|此)?"
    rf"(?:链接|网页|网站|文章|视频|新闻)?(?:的内容|内容)?[ :：]*{_URL}$",
    # ko
    rf"첨부(?:한|된|해 ?드린|했|해)? ?(?:{_KOREAN_FILE}|문서|자료|엑셀|표)",
    rf"(?:업로드한|올린) ?(?:{_KOREAN_FILE}|문서)",
    rf"^이 {_KOREAN_FILE}(?:을|를|은|는|에|의|속|에서|이|좀)? ?[^:：]*(?:뭐|무엇|누구|어디"
    r"|설명|분석|요약|번역|읽어|알려)[^:：]*$",
    "^(?:사진|그림|이미지) ?(?:속|안)?에 ?는? ?(?:뭐|무엇|누가|몇)[^,.]* ?있(?:어|나|습니까)요?$",
    rf"^이 ?(?:링크|기사|영상|글|페이지|사이트)[^:：]*(?:요약|읽어|번역|정리)[^:：]* ?{_URL}$",
    rf"^{_URL} ?(?:이|위)? ?(?:링크|기사|영상|글|페이지|사이트|내용)?(?:를|을|의)? ?.*"
    "(?:요약|읽어|번역|봐 ?줘|정리)",
)

# A text about it: a mail that mentions an attachment, a program that takes an upload.
TEXTS = (
    r"\b(?:e-?mails?|mail|letter|reply|draft|write|rewrite|proofread|correct|grammar|sentences?"
    r"|code|function|script|html|css|api|python|java|javascript|button|app|form|prompt"
    r"|do(?:es)? .*mean|error"
    r"|how (?:do|can|to|would|should)|story|poem|cannot|can't|won't|why|server)\b",
    "邮件|信件|写|翻译成|代码|怎么|如何|怎样|函数|程序|句子|提示词|按钮|为什么|接口|语法|错误|意思",
    "메일|편지|답장|코드|방법|어떻게|작성|문장|함수|버튼|오류|왜|영작|뜻|라는 (?:말|단어)|높임말",
)
