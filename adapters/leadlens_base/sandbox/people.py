"""Small tables of which the demo data are made: names, firms and places by language, each with a Latin spelling."""

from __future__ import annotations

from typing import Final

import attrs


@attrs.frozen
class Land:
    """People and firms of one country. Names are ``native/latin`` where these differ, a place is city, code, state."""

    code: str
    dial: str
    firsts: str
    lasts: str
    trades: str
    firm: str
    street: str
    places: tuple[tuple[str, str, str | None], ...]


LANDS: Final = (
    Land(
        "FR",
        "33",
        "Zoë/Zoe Éloïse/Eloise Loïc/Loic Benoît/Benoit Anaïs/Anais",
        "Martin Lefèvre/Lefevre Dupré/Dupre Garçon/Garcon Noël/Noel",
        "Boulangerie Pâtisserie/Patisserie Crêperie/Creperie",
        "{trade} {last}",
        "{} rue de l'Église",
        (("Lyon", "69001", None), ("Orléans", "45000", None)),
    ),
    Land(
        "DE",
        "49",
        "Jürgen/Juergen Käthe/Kaethe Björn/Bjoern Uschi Götz/Goetz",
        "Müller/Mueller Groß/Gross Schröder/Schroeder Bäcker/Baecker Weiß/Weiss",
        "Bäckerei/Baeckerei Konditorei Gasthof",
        "{trade} {last} GmbH",
        "Hauptstraße {}",
        (("München", "80331", "Bayern"), ("Köln", "50667", "NRW")),
    ),
    Land(
        "PL",
        "48",
        "Łukasz/Lukasz Małgorzata/Malgorzata Paweł/Pawel Zofia Grażyna/Grazyna",
        "Wójcik/Wojcik Dąbrowski/Dabrowski Żak/Zak Kowalski Jabłoński/Jablonski",
        "Piekarnia Cukiernia Młyn/Mlyn",
        "{trade} {last} sp. z o.o.",
        "ul. Długa {}",
        (("Łódź", "90-001", None), ("Gdańsk", "80-001", None)),
    ),
    Land(
        "BR",
        "55",
        "João/Joao Conceição/Conceicao Inês/Ines Luís/Luis Antônia/Antonia",
        "Gonçalves/Goncalves Araújo/Araujo Simões/Simoes Fonseca Brandão/Brandao",
        "Padaria Confeitaria Café/Cafe",
        "{trade} {last} Ltda.",
        "Rua São Bento, {}",
        (("São Paulo", "01000-000", "SP"), ("Brasília", "70000-000", "DF")),
    ),
    Land(
        "UA",
        "380",
        "Олена/Olena Тарас/Taras Ірина/Iryna Богдан/Bohdan Їжак/Yizhak",  # noqa: RUF001  # Cyrillic letters are meant
        "Шевченко/Shevchenko Коваль/Koval Ґонта/Gonta Мельник/Melnyk Бойко/Boiko",
        "Пекарня/Pekarnia Млин/Mlyn Кав'ярня/Kaviarnia",
        "{trade} «{last}»",
        "вул. Садова, {}",
        (("Київ", "01001", None), ("Львів", "79000", None)),
    ),
    Land(
        "GR",
        "30",
        "Ελένη/Eleni Γιώργος/Giorgos Χλόη/Chloe Νίκος/Nikos Άννα/Anna",
        "Παπαδόπουλος/Papadopoulos Βλάχος/Vlachos Καρράς/Karras Ζήση/Zisi Μακρής/Makris",
        "Φούρνος/Fournos Καφενείο/Kafeneio Ζαχαροπλαστείο/Zacharoplasteio",
        "{trade} {last}",
        "Οδός Ερμού {}",
        (("Αθήνα", "104 31", None), ("Πάτρα", "262 21", None)),
    ),
    Land(
        "JP",
        "81",
        "愛子/Aiko 健太/Kenta 陽菜/Hina 翔/Sho 美咲/Misaki",
        "田中/Tanaka 山本/Yamamoto 小林/Kobayashi 渡辺/Watanabe 髙橋/Takahashi",
        "製パン/Seipan 菓子店/Kashiten 珈琲/Kohi",
        "株式会社{last}{trade}",
        "中央通り{}",
        (("東京", "100-0001", "東京都"), ("大阪", "530-0001", "大阪府")),
    ),
    Land(
        "CN",
        "86",
        "伟/Wei 芳/Fang 秀英/Xiuying 强/Qiang 丽/Li",
        "王/Wang 李/Li 张/Zhang 陈/Chen 赵/Zhao",
        "面包房/Mianbaofang 茶馆/Chaguan 食品/Shipin",
        "{last}记{trade}",
        "南京路{}号",
        (("上海", "200000", "上海"), ("成都", "610000", "四川")),
    ),
    Land(
        "LB",
        "961",
        "نور/Noor سامي/Sami ليلى/Layla كريم/Karim هدى/Huda",
        "حداد/Haddad خوري/Khoury نصر/Nasr منصور/Mansour عيسى/Issa",
        "مخبز/Makhbaz مقهى/Maqha حلويات/Halawiyat",
        "{trade} {last}",
        "شارع الحمرا {}",
        (("بيروت", "1100", None), ("طرابلس", "1300", None)),
    ),
    Land(
        "US",
        "1",
        "Grace Dwayne Mary-Kate Siobhán/Siobhan José/Jose",
        "O'Connor Washington Nuñez/Nunez Smith van~der~Berg",
        "Bakery Diner Coffee",
        "{last} {trade}, Inc.",
        "{} Market St.",
        (("Savannah", "31401", "GA"), ("Portland", "97201", "OR")),
    ),
)


def spelled(entry: str) -> tuple[str, str]:
    """Return an entry of a table as it is written there and in Latin letters; ``~`` stands for a blank."""
    native, _, latin = entry.replace("~", " ").partition("/")
    return native, latin or native
