"""What the checks of the server mean, in words for somebody who does not look after servers."""

from ...language import N_, _

#: Check to what it is about, what is so while it is well, and what it means when it is not.
CHECKS: dict[str, tuple[object, object, object]] = {
    "version": (N_("The program"), N_("It’s installed and running."), N_("It might need an update.")),
    "sqlite": (N_("The database program"), N_("It’s fine."), N_("It might need an update.")),
    "disk": (
        N_("Room to store things"),
        N_("There’s enough room."),
        N_("The server is running out of room. Soon it can’t store anything new, not even a cancellation."),
    ),
    "files": (
        N_("Files"),
        N_("Only this program can read what people told you."),
        N_("Files belong to the wrong user, or others on the server could read what people told you."),
    ),
    "journal": (
        N_("The database after a restore"),
        N_("Its files belong together."),
        N_("Files of two different databases lie side by side."),
    ),
    "database": (
        N_("What’s stored"),
        N_("Everything stored can be read."),
        N_("What’s stored is damaged. The newest backup has to be put back."),
    ),
    "migrations": (
        N_("The database’s version"),
        N_("It fits the program."),
        N_("It doesn’t fit the program."),
    ),
    "keys": (
        N_("Keys"),
        N_("The keys are in place."),
        N_("A key is missing. This site can’t sign your changes, or can’t read what people told you."),
    ),
    "root": (
        N_("HQ’s long-term key"),
        N_("It’s good for a while yet."),
        N_("It’s about to expire, or has expired. HQ has to renew it."),
    ),
    "name": (
        N_("This site’s address"),
        N_("It leads to a server."),
        N_("It leads nowhere, or only to a place inside a house or an office."),
    ),
    "outside": (
        N_("Reaching this site"),
        N_("Other servers reach it."),
        N_("Other servers don’t reach it. People might not, either."),
    ),
    "certificate": (
        N_("The safe connection (https)"),
        N_("It’s good for a while yet."),
        N_("It’s about to expire, or has expired. Browsers then warn people not to open this site."),
    ),
    "visitors": (
        N_("Telling visitors apart"),
        N_("Each visitor counts on their own."),
        N_("All visitors seem to be the same one, so a busy evening might shut people out."),
    ),
    "clock": (
        N_("The clock"),
        N_("It’s right."),
        N_("It’s wrong. Other sites might not believe what you say here."),
    ),
    "mail": (
        N_("Sending emails"),
        N_("The mail server takes our emails."),
        N_("Emails don’t go out. People aren’t told about a cancelled run."),
    ),
    "letters": (
        N_("Emails on their way"),
        N_("Nothing is stuck."),
        N_("Some emails are stuck, or were lost."),
    ),
    "jobs": (
        N_("Things the server does by itself"),
        N_("They’re done on time."),
        N_("Some of them fail."),
    ),
    "peers": (
        N_("Talking to other sites"),
        N_("Other sites answer."),
        N_("No other site has answered for hours. They might not hear about a cancelled run."),
    ),
    "document": (
        N_("Your runs on other sites"),
        N_("They’re up to date everywhere."),
        N_("They’re out of date. Other sites no longer show your dates as confirmed."),
    ),
    "registry": (
        N_("HQ’s list of chapters"),
        N_("It’s up to date."),
        N_("It hasn’t come lately, or you haven’t joined yet."),
    ),
    "backup": (
        N_("Backups"),
        N_("There’s a recent backup."),
        N_("There’s no recent backup. If the server breaks, what people told you is lost."),
    ),
    "rehearsal": (
        N_("Trying a backup"),
        N_("Someone has tested a backup lately."),
        N_("No one has tested a backup lately."),
    ),
}


def check_title(name: str) -> str:
    """What a check is about. A newer program may have left one that this one does not know."""
    return str(CHECKS[name][0]) if name in CHECKS else name


def check_words(name: str, state: str) -> str:
    """What is so."""
    if state == "unknown" or name not in CHECKS:
        return _("We couldn’t look.")
    return str(CHECKS[name][1 if state == "well" else 2])
