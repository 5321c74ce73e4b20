"""The key for backups: made for a page, written down, and kept here by its public half alone."""

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from node import config
from node.upkeep.backups import backup_key
from node.upkeep.backups.backup_key import NoBackupKey

from ..context import Page, node, now, settings
from ..forms.set_up import BackupKeyForm
from ..http import limits
from .pages import frame, on

bp = Blueprint("backup_key", __name__, url_prefix="/setup")
limits.signed_in(bp)


@bp.get("/backup-key")
def show() -> str:
    """Say what the key is for, before it is made."""
    return _page("backup")


@bp.post("/backup-key/show")
def make() -> str:
    """Make a key, or show the one that the page before had, to write it down. It is kept in the page alone."""
    return _page("backup" if _is_fixed() else "backup_key", _paper())


@bp.post("/backup-key/check")
def ask_for_groups() -> str:
    """Ask for two groups of the key, without showing it."""
    return _page("backup_check", _paper())


@bp.post("/backup-key")
def keep() -> Page | Response:
    """Keep the public half, once two groups were read from the paper."""
    form = BackupKeyForm(request.form)
    try:
        recipient = str(backup_key.identity(form.key.data or "").to_public())
    except NoBackupKey:
        return _page("backup"), 422
    if _is_fixed() or not form.validate():
        return _page("backup_check", form), 422
    if (form.seen.data or "") != settings().backup_key:
        return _page("backup_void"), 409
    node().change_settings({"BACKUP_KEY": recipient})
    return on()


def _paper() -> BackupKeyForm:
    form = BackupKeyForm(request.form)
    if not form.key.data:
        form.seen.process_data(settings().backup_key)
    return form.asking(backup_key.make().secret)


def _is_fixed() -> bool:
    return bool(config.from_environment(["BACKUP_KEY"]))


def _page(name: str, form: BackupKeyForm | None = None) -> str:
    shown = {"is_kept": bool(settings().backup_key), "is_fixed": _is_fixed(), "today": now().date()}
    return render_template(f"setup/{name}.html", form=form, **frame("backup-key"), **shown)
