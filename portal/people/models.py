"""Bodies, persons, posts, accounts, and the facts about a person that no exam produces."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from flask_login import UserMixin
from sqlalchemy import ForeignKey, Index, LargeBinary, String, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from portal.ground.crypto import keys, masked, sealed
from portal.ground.db import Base
from portal.people.pinyin import place_readings, readings


class BodyKind(StrEnum):
    GOVERNMENT = "government"
    JUSTICE_BUREAU = "justice_bureau"
    ENFORCEMENT_BODY = "enforcement_body"
    ENTRUSTED_ORG = "entrusted_org"
    TOWN = "town"  # town or sub-district government: acts in its own name on conferred matters
    TOWN_TEAM = "town_team"  # the enforcement team of a town
    JUDICIAL_OFFICE = "judicial_office"  # 司法所, with its enforcement supervision station
    ESTABLISHMENT_OFFICE = "establishment_office"  # 编办
    TRAINING_BASE = "training_base"
    UNIVERSITY = "university"
    OTHER = "other"


class Level(StrEnum):
    PROVINCE = "province"
    PREFECTURE = "prefecture"
    COUNTY = "county"
    TOWN = "town"


class Field(StrEnum):
    """Enforcement fields."""

    TRANSPORT = "transport"
    ECOLOGY = "ecology"
    CULTURE = "culture"
    AGRICULTURE = "agriculture"
    MARKET = "market"
    URBAN = "urban"
    EMERGENCY = "emergency"


class StaffingType(StrEnum):
    CIVIL = "civil"
    CIVIL_EQUIVALENT = "civil_equivalent"
    INSTITUTION = "institution"
    CONTRACT = "contract"
    DISPATCH = "dispatch"
    TEMPORARY = "temporary"
    PUBLIC_WELFARE = "public_welfare"
    WORKMAN = "workman"
    SECONDED = "seconded"


class Body(Base):
    """A body as it is today; `path` lists the ids of those that manage it, and its own.

    The parent is who manages it, which may differ from whom its division code names. How it was
    on an earlier day stands in the rooms of `people.bodies`.
    """

    __tablename__ = "body"
    __table_args__ = (
        Index(
            "uq_body_living_name",
            "name",
            unique=True,  # a name may be given again once its body is no more
            sqlite_where=text("abolished_on IS NULL"),
            postgresql_where=text("abolished_on IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    name_pinyin: Mapped[str] = mapped_column(String(400), default="", server_default="")
    name_initials: Mapped[str] = mapped_column(String(100), default="", server_default="")
    kind: Mapped[str] = mapped_column(String(20))
    level: Mapped[str] = mapped_column(String(12))
    division_code: Mapped[str | None] = mapped_column(String(9))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("body.id"), index=True)
    path: Mapped[str] = mapped_column(String(120), index=True)  # "/1/17/204/"
    confirmed_on: Mapped[date | None]  # when its standing to enforce was confirmed
    confirmation: Mapped[str | None] = mapped_column(String(200))  # the list or document that confirms it
    founded_on: Mapped[date | None]  # None: before our records
    abolished_on: Mapped[date | None]  # the first day on which it is no more
    has_supervision_station: Mapped[bool] = mapped_column(default=False, server_default=false())
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    parent: Mapped[Body | None] = relationship(remote_side=[id])
    fields: Mapped[list[BodyField]] = relationship(cascade="all, delete-orphan")

    @validates("name")
    def _spell(self, _key: str, name: str) -> str:
        self.name_pinyin, self.name_initials = place_readings(name)
        return name


class BodyField(Base):
    """A field in which a body enforces."""

    __tablename__ = "body_field"

    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"), primary_key=True)
    field: Mapped[str] = mapped_column(String(20), primary_key=True)


class Person(Base):
    """One human being, once. The ID number is encrypted, found again by a keyed digest."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(22), unique=True)  # random; binds the ciphertexts
    personnel_number: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(100), index=True)
    sex: Mapped[str] = mapped_column(String(1))  # m, f
    birth_date: Mapped[date]
    education: Mapped[str] = mapped_column(String(20))  # secondary, college, bachelor, master, doctor
    id_number_sealed: Mapped[bytes] = mapped_column(
        LargeBinary,
        info=sealed("person|id_number|{public_id}", index="id_number_index", purpose="person|id_number"),
    )
    id_number_index: Mapped[str] = mapped_column(String(64), unique=True)
    phone_sealed: Mapped[bytes | None] = mapped_column(
        LargeBinary, info=sealed("person|phone|{public_id}", index="phone_index", purpose="person|phone")
    )
    phone_index: Mapped[str | None] = mapped_column(String(64), index=True)
    name_pinyin: Mapped[str] = mapped_column(String(400), default="", server_default="", index=True)
    name_initials: Mapped[str] = mapped_column(String(100), default="", server_default="", index=True)
    external: Mapped[bool] = mapped_column(default=False, server_default=false())  # a legal adviser, no post
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    erased_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")  # whoever edits says which one he saw
    created_at: Mapped[datetime]

    posts: Mapped[list[Post]] = relationship(back_populates="person", order_by="Post.id")

    @validates("name")
    def _spell(self, _key: str, name: str) -> str:
        self.name_pinyin, self.name_initials = readings(name)
        return name

    def id_number(self) -> str:
        return keys.unseal(self.id_number_sealed, f"person|id_number|{self.public_id}")

    def masked_id_number(self) -> str:
        return masked(self.id_number())

    def phone(self) -> str:
        """The mobile number, or an empty text."""
        return keys.unseal(self.phone_sealed, f"person|phone|{self.public_id}") if self.phone_sealed else ""

    def masked_phone(self) -> str:
        return masked(self.phone(), head=3)


class Post(Base):
    """What a person does at a body, from a day to a day. 编制 and 岗位 may lie at two bodies."""

    __tablename__ = "post"
    __table_args__ = (
        # the roster is counted, filtered and sorted inside these three, without reading the rows
        Index("ix_post_at_body", "body_id", "ended_on", "person_id", "staffing_type", "field", "in_post"),
        Index("ix_post_current", "person_id", "ended_on", "body_id", "staffing_type", "field", "in_post"),
        Index("ix_post_newest", "ended_on", "started_on", "body_id", "person_id", "staffing_type", "field", "in_post"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    establishment_body_id: Mapped[int] = mapped_column(ForeignKey("body.id"), index=True)
    staffing_type: Mapped[str] = mapped_column(String(20))
    on_establishment: Mapped[bool]
    in_post: Mapped[bool]
    part_time: Mapped[bool]
    title: Mapped[str] = mapped_column(String(60))
    field: Mapped[str] = mapped_column(String(20))
    started_on: Mapped[date]
    ended_on: Mapped[date | None]  # the last day in it

    person: Mapped[Person] = relationship(back_populates="posts")
    body: Mapped[Body] = relationship(foreign_keys=[body_id])
    establishment_body: Mapped[Body] = relationship(foreign_keys=[establishment_body_id])
    further_fields: Mapped[list[PostField]] = relationship(cascade="all, delete-orphan")


class PostField(Base):
    """A field of a post beside its main one."""

    __tablename__ = "post_field"

    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"), primary_key=True)
    field: Mapped[str] = mapped_column(String(20), primary_key=True)


class IdentityCheck(Base):
    """Somebody compared the person, the ID card and the photo. Added, never changed."""

    __tablename__ = "identity_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    checked_on: Mapped[date]
    photo_meets_standard: Mapped[bool]
    reference: Mapped[str] = mapped_column(String(120))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class EstablishmentCheck(Base):
    """核编: the post compared with the establishment office's list. Added, never changed."""

    __tablename__ = "establishment_check"
    __table_args__ = (Index("ix_establishment_check_of_post", "post_id", "agrees"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    checked_on: Mapped[date]
    agrees: Mapped[bool]
    reference: Mapped[str] = mapped_column(String(120))


class Appraisal(Base):
    """A year's appraisal as the unit certifies it: excellent, competent, basic, incompetent."""

    __tablename__ = "appraisal"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    year: Mapped[int]
    grade: Mapped[str] = mapped_column(String(20))
    reference: Mapped[str] = mapped_column(String(120))


class ConductStatement(Base):
    """The unit's word on discipline: no penalty running, no investigation, no criminal record."""

    __tablename__ = "conduct_statement"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    stated_on: Mapped[date]
    clean: Mapped[bool]
    reference: Mapped[str] = mapped_column(String(120))


class Ban(Base):
    """A bar on sitting or applying. `until` is the last day; None has no end."""

    __tablename__ = "ban"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    act: Mapped[str] = mapped_column(String(40))  # cheating, impersonation, credential_revoked
    since: Mapped[date]
    until: Mapped[date | None]
    reference: Mapped[str] = mapped_column(String(120))
    lifted_on: Mapped[date | None]


class Exemption(Base):
    """A document in place of a subject's exam."""

    __tablename__ = "exemption"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    subject: Mapped[str] = mapped_column(String(20))  # general_law, professional_law
    field: Mapped[str | None] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(40))  # legal_profession, old_credential, ministry_filed
    reference: Mapped[str] = mapped_column(String(120))
    document_sha256: Mapped[str | None] = mapped_column(String(64))
    approved_on: Mapped[date | None]
    valid_until: Mapped[date | None]


class Role(StrEnum):
    OFFICER = "officer"
    TRAINER = "trainer"
    REVIEWER = "reviewer"
    MARKER = "marker"
    EXAM_ADMIN = "exam_admin"
    INVIGILATOR = "invigilator"
    UNIT_ADMIN = "unit_admin"
    BUREAU_CHECKER = "bureau_checker"
    BUREAU_APPROVER = "bureau_approver"
    SUPERVISOR = "supervisor"
    LEADER = "leader"
    SYSADMIN = "sysadmin"
    SECADMIN = "secadmin"
    AUDITOR = "auditor"
    LAW_EDITOR = "law_editor"  # keeps the law library, and the lists of matters of the towns in scope


class Account(Base, UserMixin):
    """A person's way in. Every account belongs to exactly one person."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    username: Mapped[str] = mapped_column(String(40), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    must_enrol: Mapped[bool] = mapped_column(default=False, server_default=false())  # its factors were taken away
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship()
    grants: Mapped[list[Grant]] = relationship(
        back_populates="account", order_by="Grant.id", foreign_keys="Grant.account_id"
    )


class Grant(Base):
    """A role in a scope: the body's subtree, and one field or all; between two days where they are given.

    `on_behalf_of_id` is whom the account stands in for (授权代签).
    """

    __tablename__ = "role_grant"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"), index=True)
    field: Mapped[str | None] = mapped_column(String(20))
    granted_at: Mapped[datetime]
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]  # the last day
    on_behalf_of_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    account: Mapped[Account] = relationship(back_populates="grants", foreign_keys=[account_id])
    body: Mapped[Body] = relationship()

    def in_force(self, day: date) -> bool:
        begun = self.starts_on is None or self.starts_on <= day
        return self.revoked_at is None and begun and (self.ends_on is None or day <= self.ends_on)


class SignIn(Base):
    """A signed-in device; ended at once by signing out, disabling or a new password."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    address: Mapped[str] = mapped_column(String(64), default="-", server_default="-")
    device: Mapped[str] = mapped_column(String(120), default="", server_default="")  # browser and system, in words
    device_sha256: Mapped[str] = mapped_column(String(64), default="", server_default="")  # of what the browser says
    shared: Mapped[bool] = mapped_column(default=False, server_default=false())  # 公用设备
    proved_at: Mapped[datetime | None]  # when the strongest factor was last shown on this device
    cookie_sha256: Mapped[str] = mapped_column(String(64), default="", server_default="")  # of the device's own cookie


class FailedSignIn(Base):
    """A wrong password or code, counted to slow guessing down. `username` is a keyed digest of what it was for."""

    __tablename__ = "failed_sign_in"
    __table_args__ = (
        Index("ix_failed_sign_in_recent", "username", "at"),
        Index("ix_failed_sign_in_from", "address", "at"),
        Index("ix_failed_sign_in_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(64))
    account_id: Mapped[int | None]  # whose way in it would have been; counted, never followed
    address: Mapped[str] = mapped_column(String(64))
    cookie_sha256: Mapped[str] = mapped_column(String(64), default="", server_default="")  # of a device it knows
    at: Mapped[datetime]


class ApiToken(Base):
    """A key for another program, acting as the account it belongs to."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
