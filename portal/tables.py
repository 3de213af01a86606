"""Every table of every room, for migrations and checks."""

import portal.bank.finding.models
import portal.bank.following.models
import portal.bank.models
import portal.bank.writing.models
import portal.credentials.models
import portal.cycle.models
import portal.exams.contests.models
import portal.exams.making.models
import portal.exams.marking.models
import portal.exams.marking.regrading.models
import portal.exams.models
import portal.exams.running.models
import portal.exams.seb.models
import portal.exams.sittings.models
import portal.ground.import_models
import portal.ground.models
import portal.library.guides.models
import portal.library.matters.evaluations.models
import portal.library.matters.lists.models
import portal.library.matters.models
import portal.library.models
import portal.library.topics.models
import portal.people.access.models
import portal.people.bodies.models
import portal.people.duplicates.models
import portal.people.duties.models
import portal.people.factors.models
import portal.people.models
import portal.people.records.models
import portal.people.records.photos.models
import portal.people.records.privacy.models
import portal.people.registers.models
import portal.people.transfers.models
import portal.training.models  # noqa: F401
from portal.ground.db import Base

metadata = Base.metadata
