"""Bodies, inspectors, enterprises, matters and sign-ins of the invented city."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from stdnum.cn import uscc as gb32100

from server.account.models import Account, Agency, Inspector, Region, Role
from server.catalogue.models import Matter
from server.clock import day_of
from server.enterprise.models import Enterprise, EnterpriseKind
from server.plaque.models import Plaque

from . import city

# The cast that the README and the demo's sign-ins speak of.
CAST = {
    "lina": "李娜",
    "wangjun": "王军",
    "zhaomin": "赵敏",
    "sunli": "孙立",
    "admin": "平台管理员",
    "bakery": "林邑糕点厂",
}
STREETS = ["人民路", "五岭大道", "解放路", "工业园", "东街", "南岭路"]
ORG_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def make_id(rng: random.Random, at: datetime) -> UUID:
    """A UUIDv7 of this moment with seeded random bits, so that the same seed gives the same city."""
    milliseconds = int(at.timestamp() * 1000)
    value = milliseconds << 80 | 7 << 76 | rng.getrandbits(12) << 64 | 2 << 62 | rng.getrandbits(62)
    return UUID(int=value)


def regions() -> list[Region]:
    """The 13 divisions, parents first."""
    return [Region(code=code, name=name, parent_code=parent) for code, name, parent, _ in city.REGIONS]


def agencies(rng: random.Random, at: datetime) -> list[Agency]:
    """Ten bodies of the city and eight of its counties."""
    names = {code: name for code, name, *_ in city.REGIONS}
    bodies = [(city.CITY, department) for department in city.DEPARTMENTS] + city.COUNTY_BODIES
    return [
        Agency(id=make_id(rng, at), name=names[code] + department, department=department, region_code=code)
        for code, department in bodies
    ]


def inspectors(rng: random.Random, at: datetime, bodies: list[Agency]) -> list[Inspector]:
    """Forty; the last of each large body has let the certificate run out."""
    made: list[Inspector] = []
    names = _names(rng)
    today = day_of(at)
    for body in bodies:
        wanted = city.DEPARTMENTS[body.department] if body.region_code == city.CITY else 2
        for place in range(wanted):
            expired = wanted >= 3 and place == wanted - 1
            valid_to_on = today - timedelta(days=40) if expired else date(today.year + 2, 12, 31)
            made.append(
                Inspector(
                    id=make_id(rng, at),
                    agency=body,
                    agency_id=body.id,
                    name=[CAST["lina"], CAST["wangjun"]][place] if len(made) < 2 else next(names),
                    issuer="湖南省人民政府",
                    certificate_no=f"18{body.region_code[2:]}{len(made) + 1:06d}",
                    valid_from_on=date(today.year - 3, 1, 1),
                    valid_to_on=valid_to_on,
                )
            )
    return made


def enterprises(rng: random.Random, at: datetime, *, count: int) -> list[Enterprise]:
    """Firms, sole traders and co-operatives near the centres of the counties; the bakery is the first."""
    counties = [row for row in city.REGIONS if row[2] == city.CITY]
    weights = [6, 6, 3, 2, 3, 1, 1, 1, 1, 1, 3]
    made = []
    taken: set[str] = set()
    for number in range(count):
        code, region_name, _, (latitude, longitude) = counties[0] if number == 0 else rng.choices(counties, weights)[0]
        kind = EnterpriseKind.COMPANY if number == 0 else rng.choices(list(EnterpriseKind), [60, 30, 10])[0]
        _, industry, endings = city.TRADES[0] if number == 0 else rng.choice(city.TRADES)
        name = _enterprise_name(rng, region_name, kind, endings, taken) if number else "郴州市林邑糕点厂有限公司"
        taken.add(name)
        made.append(
            Enterprise(
                id=make_id(rng, at),
                uscc=invented_uscc(number, kind=kind, region_code=code),
                name=name,
                kind=kind,
                region_code=code,
                address=f"{region_name}{rng.choice(STREETS)}{rng.randint(1, 300)}号",
                industry_code=industry,
                latitude=round(latitude + rng.gauss(0, 0.02), 5),
                longitude=round(longitude + rng.gauss(0, 0.02), 5),
                # A range that belongs to nobody: texts of the demo go into a file.
                contact_mobile=f"1990735{number:04d}",
            )
        )
    return made


def plaques(firms: list[Enterprise], *, key_id: int, at: datetime) -> list[Plaque]:
    """One plaque each."""
    return [Plaque(enterprise_id=firm.id, key_id=key_id, issued_at=at) for firm in firms]


def matters(rng: random.Random, at: datetime) -> list[Matter]:
    """Sixty matters of ten departments, with basis and checklist."""
    made = []
    for place, (department, rows) in enumerate(city.MATTERS.items(), start=1):
        for number, (name, basis, most, items) in enumerate(rows, start=1):
            made.append(
                Matter(
                    id=make_id(rng, at),
                    code=f"4310{place:02d}{number:03d}",
                    name=name,
                    department=department,
                    legal_basis=basis,
                    method="现场检查或非现场检查" if number == 5 else "现场检查",
                    yearly_frequency=most,
                    checklist=[{"key": str(key), "text": text} for key, text in enumerate(items, start=1)],
                    listed_at=at,
                )
            )
    return made


def accounts(
    rng: random.Random,
    at: datetime,
    *,
    bodies: list[Agency],
    staff: list[Inspector],
    firms: list[Enterprise],
    password_hash: str,
) -> list[Account]:
    """A sign-in for everybody, all with the demo password."""
    names = _names(rng)

    def account(username: str, name: str, role: Role, **scope: object) -> Account:
        return Account(
            id=make_id(rng, at), username=username, name=name, role=role, password_hash=password_hash, **scope
        )

    first = dict(zip((staff[0].id, staff[1].id), ("lina", "wangjun"), strict=True))
    made = [
        account(
            first.get(each.id, each.certificate_no),
            each.name,
            Role.INSPECTOR,
            agency_id=each.agency_id,
            inspector_id=each.id,
        )
        for each in staff
    ]
    for place, body in enumerate(bodies):
        head = ("zhaomin", CAST["zhaomin"]) if place == 0 else (f"head-{body.region_code}-{place}", next(names))
        made.append(account(*head, Role.HEAD, agency_id=body.id))
    for place, firm in enumerate(firms):
        made.append(
            account("bakery" if place == 0 else firm.uscc, firm.name[:64], Role.ENTERPRISE, enterprise_id=firm.id)
        )
    made.append(account("sunli", CAST["sunli"], Role.SUPERVISOR, region_code=city.CITY))
    made.append(account("sunli-beihu", next(names), Role.SUPERVISOR, region_code="431002"))
    made.append(account("admin", CAST["admin"], Role.ADMINISTRATOR, region_code=city.CITY))
    return made


def invented_uscc(number: int, *, kind: EnterpriseKind, region_code: str) -> str:
    """A code with right check characters whose subject part (YYYY…) was never given out."""
    organisation = f"YYYY{number:04d}"
    total = sum(ORG_ALPHABET.index(char) * weight for char, weight in zip(organisation, ORG_WEIGHTS, strict=True))
    check = "0123456789X0"[11 - total % 11]
    kind_mark = {EnterpriseKind.COMPANY: "91", EnterpriseKind.SOLE_TRADER: "92", EnterpriseKind.COOPERATIVE: "93"}[kind]
    body = f"{kind_mark}{region_code}{organisation}{check}"
    return body + str(gb32100.calc_check_digit(body))


def _names(rng: random.Random) -> Iterator[str]:
    while True:
        yield rng.choice(city.SURNAMES) + "".join(rng.sample(city.GIVEN, rng.choice((1, 2))))


def _enterprise_name(
    rng: random.Random, region_name: str, kind: EnterpriseKind, endings: list[str], taken: set[str]
) -> str:
    suffix = {
        EnterpriseKind.COMPANY: "有限公司",
        EnterpriseKind.SOLE_TRADER: "",
        EnterpriseKind.COOPERATIVE: "农民专业合作社",
    }[kind]
    while True:
        word = "".join(rng.sample(city.FIRST_WORDS, 2))
        name = f"{region_name}{word}{'' if kind is EnterpriseKind.COOPERATIVE else rng.choice(endings)}{suffix}"
        if name not in taken:
            return name
