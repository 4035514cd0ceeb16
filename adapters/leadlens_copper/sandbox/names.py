"""Small tables of people, companies and places, from which the demo data are drawn. All of them are invented."""

from __future__ import annotations

from typing import Final, NamedTuple


class Region(NamedTuple):
    """Names of one part of the world. A name is written ``native=latin`` where an e-mail needs other letters.

    ``companies`` are ``name|domain``; ``places`` are ``city|state|postal code``; ``surname_first`` is how a whole
    name is written.
    """

    country: str
    calling: str
    given: str
    family: str
    companies: str
    places: str
    surname_first: bool = False


REGIONS: Final = (
    Region(
        "US",
        "+1 415",
        "Grace Marcus Tanya Luis Priya Owen Hannah Darnell",
        "Whitfield Okafor Ramirez Nguyen O'Brien Castellano Reyes Novak",
        "Bluebird Freight Inc.|bluebird.example;Cedar & Finch LLC|cedarfinch.example;Halcyon Dental|halcyon.example",
        "Savannah|GA|31410;Scranton|PA|18503;San Francisco|CA|94105",
    ),
    Region(
        "BR",
        "+55 11",
        "Luíza=luiza João=joao Conceição=conceicao Thiago Beatriz Antônio=antonio",
        "Araújo=araujo Magalhães=magalhaes Pereira Gonçalves=goncalves Sá=sa",
        "Café Ipê Ltda.|ipe.example;Construtora São Bento S.A.|saobento.example",
        "São Paulo|SP|01310-100;Florianópolis|SC|88010-000",
    ),
    Region(
        "DE",
        "+49 30",
        "Jürgen=juergen Käthe=kaethe Sören=soeren Ulrike Björn=bjoern Jörg=joerg",
        "Groß=gross Müller=mueller Weiß=weiss Schröder=schroeder Vogel",
        "Weißenberg Maschinenbau GmbH|weissenberg.example;Köhler & Söhne KG|koehler.example",
        "Köln||50667;Düsseldorf||40213",
    ),
    Region(
        "PL",
        "+48 22",
        "Łukasz=lukasz Małgorzata=malgorzata Zdzisław=zdzislaw Agnieszka",
        "Wójcik=wojcik Dąbrowska=dabrowska Żak=zak Świętochowski=swietochowski",
        "Piekarnia Złoty Kłos sp. z o.o.|zlotyklos.example;Łódź Software S.A.|lodzsoft.example",
        "Łódź||90-001;Kraków||30-002",
    ),
    Region(
        "JP",
        "+81 3",
        "花子=hanako 健太=kenta 美咲=misaki 翔=sho",
        "佐藤=sato 鈴木=suzuki 高橋=takahashi 渡辺=watanabe",
        "さくら商事株式会社|sakura.example;北海道ロジスティクス|hokkaido-logi.example",
        "札幌市|北海道|060-0001;東京都||100-0005",
        surname_first=True,
    ),
    Region(
        "CN",
        "+86 21",
        "伟=wei 芳=fang 秀英=xiuying 磊=lei",
        "王=wang 李=li 张=zhang 陈=chen",
        "上海云帆科技有限公司|yunfan.example;长江医疗|changjiang.example",
        "上海||200000;成都|四川|610000",
        surname_first=True,
    ),
    Region(
        "AE",
        "+971 4",
        "ليلى=layla يوسف=yusuf نور=nour خالد=khalid",
        "الحداد=alhaddad منصور=mansour العامري=alamiri",
        "شركة النخيل للتجارة|nakheel-trade.example;مستشفى الواحة|waha.example",
        "دبي||00000;أبوظبي||00000",
    ),
    Region(
        "GR",
        "+30 21",
        "Ελένη=eleni Γιώργος=giorgos Δέσποινα=despina",
        "Παπαδόπουλος=papadopoulos Νικολάου=nikolaou",
        "Αιγαίο Μεταφορές ΑΕ|aigaio.example",  # noqa: RUF001  # Greek letters are meant
        "Θεσσαλονίκη||54624",
    ),
    Region(
        "UA",
        "+380 44",
        "Оксана=oksana Дмитро=dmytro Соломія=solomiia",
        "Шевченко=shevchenko Ковальчук=kovalchuk Гриценко=hrytsenko",
        "ТОВ «Карпатський ліс»|karpaty.example",  # noqa: RUF001  # Cyrillic letters are meant
        "Львів||79000",
    ),
    Region(
        "IN",
        "+91 80",
        "आरव=aarav दीपिका=deepika Sunita Vikram",
        "शर्मा=sharma Iyer Banerjee",
        "Nilgiri Organics Pvt. Ltd.|nilgiri.example",
        "बेंगलुरु|KA|560001",
    ),
)

STREETS: Final = (
    "12 Harbour Street",
    "Hauptstraße 7",
    "Rua das Flores 221",
    "丸の内1-9-2",
    "221 Main Street Suite 1350",
)
TITLES: Final = ("Owner", "Head of Purchasing", "Geschäftsführerin", "CFO", "Office Manager", "部長", "Diretor")
TAGS: Final = ("inbound", "trade fair 2025", "vip", "newsletter", "reseller", "größer als 50", "紹介")
CAMPAIGNS: Final = ("spring launch", "Herbstmesse", "webinar: moving house", "black friday", "campanha de inverno")
NEEDS: Final = (
    "Wants to leave the old CRM before summer.",
    "Asked twice for a quote; call after 3 pm.\nPrefers e-mail.",
    "Braucht Angebot für 25 Arbeitsplätze.",
    "資料を送付済み。来月に再度連絡。",
)
DEALS: Final = ("Pilot", "25 seats", "Annual plan", "Rollout", "Extension", "Training days")
ERRANDS: Final = ("Call back", "Send the quote", "Book a demo", "Check the contract", "Nachfassen")
