"""Small tables out of which the demo data are drawn: people, companies and places of several countries."""

from __future__ import annotations

from typing import Final

import attrs


@attrs.frozen
class Country:
    """Names with their spelling in an e-mail address; telephone numbers begin with ``phone``."""

    name: str
    domain: str
    phone: str
    first: tuple[tuple[str, str], ...]
    last: tuple[tuple[str, str], ...]
    places: tuple[tuple[str, str, str], ...]
    street: str
    firm: str


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    """Return the names of a table, and how each is spelled in an address (itself, unless it says otherwise)."""
    return tuple((name, plain or name.lower()) for name, _, plain in (one.partition("/") for one in text.split()))


COUNTRIES: Final = (
    Country("United States", "com", "+1 555 01", _pairs("Paul Grace Denise Marcus O'Neil/oneil Hannah Tyrone Judith"),
            _pairs("Daly Burns Whitaker Nguyen Ramirez Okafor McAllister Stone"),
            (("Savannah", "GA", "31401"), ("Duluth", "MN", "55802"), ("Tucson", "AZ", "85701")), "{} Oak Street",
            "{} {} Inc."),
    Country("España", "es", "+34 910 00",
            _pairs("Ñuria/nuria José/jose Begoña/begona Íñigo/inigo Lucía/lucia Ramón/ramon"),
            _pairs("Peña/pena Ibáñez/ibanez Muñoz/munoz Garcés/garces Núñez/nunez Etxebarria"),
            (("Cádiz", "Andalucía", "11001"), ("Gijón", "Asturias", "33201"), ("León", "Castilla y León", "24001")),
            "Calle Mayor {}", "{1} {0} S.L."),
    Country("Deutschland", "de", "+49 30 00",
            _pairs("Jürgen/juergen Käthe/kaethe Björn/bjoern Ulrike Sören/soeren Anneliese"),
            _pairs("Müller/mueller Groß/gross Schäfer/schaefer Weiß/weiss Krüger/krueger Lehmann"),
            (("Köln", "Nordrhein-Westfalen", "50667"), ("Würzburg", "Bayern", "97070"),
             ("Görlitz", "Sachsen", "02826")),
            "Schloßstraße {}", "{0} {1} GmbH"),
    Country("中国", "cn", "+86 21 00", _pairs("伟/wei 秀英/xiuying 敏/min 建国/jianguo 丽/li"),
            _pairs("李/li 王/wang 张/zhang 欧阳/ouyang 陈/chen"),
            (("上海", "上海", "200000"), ("成都", "四川", "610000"), ("广州", "广东", "510000")),
            "南京路{}号", "{0}{1}有限公司"),
    Country("Ελλάδα", "gr", "+30 210 00", _pairs("Γιώργος/giorgos Ελένη/eleni Νίκος/nikos Κατερίνα/katerina"),
            _pairs("Παπαδόπουλος/papadopoulos Ιωάννου/ioannou Νικολάου/nikolaou Γεωργίου/georgiou"),
            (("Αθήνα", "Αττική", "104 31"), ("Πάτρα", "Αχαΐα", "262 21")),
            "Οδός Ερμού {}", "{0} {1} Α.Ε."),  # noqa: RUF001  # Greek letters
    Country("日本", "jp", "+81 3 00", _pairs("さくら/sakura 健太/kenta 美咲/misaki 大輔/daisuke"),
            _pairs("佐藤/sato 鈴木/suzuki 髙橋/takahashi 渡邉/watanabe"),
            (("東京", "東京都", "100-0001"), ("札幌", "北海道", "060-0001")), "本町{}丁目", "株式会社{0}{1}"),
    Country("مصر", "eg", "+20 2 00", _pairs("محمد/mohamed فاطمة/fatma ياسمين/yasmin كريم/karim"),
            _pairs("حسن/hassan المصري/elmasry سالم/salem منصور/mansour"),
            (("القاهرة", "القاهرة", "11511"), ("الإسكندرية", "الإسكندرية", "21500")), "شارع النيل {}", "شركة {0} {1}"),
    Country("Türkiye", "tr", "+90 212 00",
            _pairs("İpek/ipek Çağrı/cagri Gülşen/gulsen Işıl/isil"),  # noqa: RUF001  # Turkish letters
            _pairs("Yıldız/yildiz Şahin/sahin Öztürk/ozturk Güneş/gunes"),  # noqa: RUF001  # Turkish letters
            (("İstanbul", "İstanbul", "34000"), ("Eskişehir", "Eskişehir", "26000")),
            "Atatürk Caddesi {}", "{0} {1} A.Ş."),
)  # fmt: skip
"""Telephone numbers are of ranges kept for fiction, or go on with zeros."""

TRADES: Final = (
    ("Instruments", "instruments"), ("Bakery", "bakery"), ("Logistics", "logistics"), ("Textil", "textil"),
    ("Robotics", "robotics"), ("Foods", "foods"), ("Optik", "optik"), ("Media", "media"),
)  # fmt: skip
JOBS: Final = (
    "Head of Purchasing",
    "CEO",
    "IT Manager",
    "Office Manager",
    "Einkaufsleiter",
    "Gerente",
    "采购经理",
    "Owner",
)
TAGS: Final = ("tag1", "tag2", "hot", "fair 2026", "newsletter", "partner", "重要")
NOTES: Final = (
    "Met at the fair; wants a call back in the second week.", "Hat nach einem Rabatt von 5 % gefragt.",
    "Decision is with the board, budget until June.", "已发送报价。", "Prefiere que le llamen por la tarde.",
)  # fmt: skip
USERS: Final = (
    ("Patricia", "Boyle", "Administrator", "active"), ("Samuel", "Okafor", "Standard", "active"),
    ("Anaïs", "Lefèvre", "Standard", "active"), ("Jörg", "Ziegler", "Standard", "active"),
    ("Mei", "Tanaka", "Standard", "active"), ("Robert", "Hale", "Standard", "inactive"),
)  # fmt: skip
"""The first two are in every account, the others in the demo data; the first is whose token it is."""
