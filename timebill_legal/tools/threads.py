"""What is said about a matter, and where."""

#: Records with a chatter that belong to a matter, and the field that leads to it; none for the matter itself.
THREADS = {
    "timebill.matter": None,
    "project.project": "timebill_matter_id",
    "project.task": "project_id.timebill_matter_id",
    "project.update": "project_id.timebill_matter_id",
    "project.milestone": "project_id.timebill_matter_id",
}
