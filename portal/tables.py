"""Every table of every room, for migrations and checks."""

import portal.bank.models
import portal.credentials.models
import portal.exams.models
import portal.ground.models
import portal.library.models
import portal.people.models
import portal.training.models  # noqa: F401
from portal.ground.db import Base

metadata = Base.metadata
