"""The backups of this server, for leads (at HQ for its people): what there is, one more now, and one to take along."""

import logging
import threading

from flask import Blueprint, Response, abort, render_template, request, send_file, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from node import file_lock
from node.upkeep.backups import backup_files, backup_notes, nightly, other_storage

from ..context import node, settings
from ..http import limits
from ..words import notices

log = logging.getLogger(__name__)

bp = Blueprint("copies", __name__)
limits.signed_in(bp)


@bp.get("/backups")
def overview() -> str:
    """Show the backups, and whether the last one went well."""
    own = nightly.as_set_now(settings())
    return render_template(
        "upkeep/copies.html",
        notice=notices.words(request.args),
        has_key=bool(own.backup_key),
        has_members_key=own.backup_keys == "all",
        copies=backup_files.all_of(own),
        is_making=file_lock.is_held(backup_files.lock(own)),
        run=backup_notes.last_run(own),
        sending=backup_notes.last_sending(own) if own.backup_to else None,
        is_unsent=other_storage.is_unsent(own),
        rehearsal=backup_notes.last_rehearsal(own),
        keep_days=own.keep_copies_days,
    )


@bp.post("/backups")
def make() -> AnyResponse:
    """Begin a backup. A second tap begins no second one: only one is made at a time."""
    own = nightly.as_set_now(settings())
    if not own.backup_key:
        return redirect(url_for(".overview"), 303)
    if not file_lock.is_held(backup_files.lock(own)):
        threading.Thread(target=nightly.run, args=(node(), "now"), name="backup", daemon=True).start()
    return redirect(url_for(".overview", done="backup-begun"), 303)


@bp.get("/backups/<name>")
def download(name: str) -> Response:
    """Send a backup from the disk, a piece at a time. Only the key of backups opens it."""
    copy = backup_files.find(settings(), name)
    if copy is None:
        abort(404)
    if request.method == "GET":
        log.info("a backup was downloaded")
    return send_file(copy.path, "application/octet-stream", as_attachment=True, conditional=False, etag=False)
