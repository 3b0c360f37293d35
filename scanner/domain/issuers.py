"""Who may sign a health code: provinces by the first two digits of GB/T 2260.

"00" for the national platform is this project's own convention. EU certificates are looked up
under the single issuer `EU`, whatever country signed: their trust list is flat (see
`docs/health-code.md`), and no EU key can ever answer for a province, or the other way round.
"""

from typing import Final

from msgspec import Struct


class Issuer(Struct, frozen=True):
    """An issuing authority: its code and its names."""

    code: str
    english: str
    chinese: str


NATIONAL: Final = "00"
EU: Final = "EU"

_NAMES: Final = {
    NATIONAL: ("National platform", "国家平台"),
    "11": ("Beijing", "北京"),
    "12": ("Tianjin", "天津"),
    "13": ("Hebei", "河北"),
    "14": ("Shanxi", "山西"),
    "15": ("Inner Mongolia", "内蒙古"),
    "21": ("Liaoning", "辽宁"),
    "22": ("Jilin", "吉林"),
    "23": ("Heilongjiang", "黑龙江"),
    "31": ("Shanghai", "上海"),
    "32": ("Jiangsu", "江苏"),
    "33": ("Zhejiang", "浙江"),
    "34": ("Anhui", "安徽"),
    "35": ("Fujian", "福建"),
    "36": ("Jiangxi", "江西"),
    "37": ("Shandong", "山东"),
    "41": ("Henan", "河南"),
    "42": ("Hubei", "湖北"),
    "43": ("Hunan", "湖南"),
    "44": ("Guangdong", "广东"),
    "45": ("Guangxi", "广西"),
    "46": ("Hainan", "海南"),
    "50": ("Chongqing", "重庆"),
    "51": ("Sichuan", "四川"),
    "52": ("Guizhou", "贵州"),
    "53": ("Yunnan", "云南"),
    "54": ("Tibet", "西藏"),
    "61": ("Shaanxi", "陕西"),
    "62": ("Gansu", "甘肃"),
    "63": ("Qinghai", "青海"),
    "64": ("Ningxia", "宁夏"),
    "65": ("Xinjiang", "新疆"),
    EU: ("European Union", "欧盟"),
}

ISSUERS: Final = {
    code: Issuer(code, english, chinese) for code, (english, chinese) in _NAMES.items()
}
"""Every issuer that the domain knows, by code; one may be well known and have no key here."""


def issuer_names(code: str) -> tuple[str, str]:
    """English and Chinese name of an issuer; the code itself twice when nobody knows it."""
    issuer = ISSUERS.get(code)
    return (issuer.english, issuer.chinese) if issuer else (code, code)
