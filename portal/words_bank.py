"""The words of the question bank: kinds, versions, places of a remark, ways of seeing."""

from portal.ground.rules import N_

KINDS: dict[str, str] = {
    "single_choice": N_("Single choice"),
    "multiple_choice": N_("Multiple choice"),
    "indefinite_choice": N_("Indefinite choice"),
    "true_false": N_("True or false"),
    "fill_blank": N_("Fill in"),
    "ordering": N_("Ordering"),
    "matching": N_("Matching"),
    "short_answer": N_("Short answer"),
    "document_drafting": N_("Document drafting"),
    "case_set": N_("Case set"),
}
KIND_SENTENCES: dict[str, str] = {
    "single_choice": N_("One option is right."),
    "multiple_choice": N_("Two options or more are right."),
    "indefinite_choice": N_("One option or more are right; the candidate is not told."),
    "true_false": N_("A sentence is correct or incorrect."),
    "fill_blank": N_("Blanks to be filled in, each with the writings that count."),
    "ordering": N_("Steps to be put into the right order."),
    "matching": N_("What on the left belongs to what on the right."),
    "short_answer": N_("A few sentences; people mark them by marking points."),
    "document_drafting": N_("A document of enforcement; people mark it by a rubric with weights."),
    "case_set": N_("One case and several questions about it, of any kind."),
}
CHANGES: dict[str, str] = {
    "first": N_("first version"),
    "wording": N_("wording only"),
    "substance": N_("new in substance"),
}
SEEN: dict[str, str] = {
    "page": N_("question page"),
    "editor": N_("editor"),
    "review": N_("review"),
    "list": N_("list"),
    "export": N_("export"),
}
PLACES: dict[str, str] = {
    "kind": N_("Kind"),
    "stem": N_("Stem"),
    "options": N_("Options"),
    "matches": N_("Right side"),
    "key": N_("Key"),
    "rationale": N_("Rationale"),
    "citations": N_("Legal basis"),
    "topic": N_("Topic"),
    "field": N_("Field"),
    "cognitive_level": N_("Cognitive level"),
    "difficulty": N_("Difficulty"),
    "tags": N_("Tags"),
    "source": N_("Source"),
    "valid_from": N_("Valid from"),
    "valid_until": N_("Valid until"),
    "general": N_("The question as a whole"),
}
STATUSES: dict[str, str] = {
    "draft": N_("Draft"),
    "review": N_("In review"),
    "approved": N_("Approved"),
    "retired": N_("Retired"),
}
LEVELS: dict[str, str] = {
    "remember": N_("Recall"),
    "understand": N_("Understanding"),
    "apply": N_("Application"),
    "analyse": N_("Analysis"),
}
