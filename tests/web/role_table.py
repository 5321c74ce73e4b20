"""For whom each view is. A view that stands in no line fails a test: nobody has thought about who may ask for it.

The audiences of a chapter's site, the widest first: anybody; whoever has a private link; members, co-leads and leads.
"""

PUBLIC = """
    home.home home.help_page home.privacy
    listings.find listings.show listings.chapters listings.chapter
    calendars.series calendars.one_date calendars.chapter
    searches.calendar searches.feed searches.places
    signin.explain
    site_files.robots site_files.favicon site_files.sitemap site_files.manifest
    feeds.chapter pictures.whole_site pictures.chapter pictures.run
    posters.poster posters.cards printed_list.show saved.page saved.worker
    probes.live probes.ready
"""
#: On a chapter's site alone.
FIRST_VISIT = """
    first_visit.letter first_visit.photo
"""
LINK = """
    signin.show_link signin.use_link
    inbox.ask inbox.send_question inbox.ask_what inbox.send_report inbox.wish inbox.send_wish inbox.deleted
    message_link.show message_link.export message_link.erase
"""
#: On a chapter's site: "I'm coming", and the private link that it leads to.
COMING = """
    coming.ask coming.say coming.withdrawn coming.ask_confirm coming.confirm
    private_link.show private_link.stay_away private_link.call private_link.end_call
    private_link.come private_link.say_again
    private_link.ask_change private_link.change private_link.forget
    private_link.ask_keep private_link.keep
    private_link.ask_withdraw private_link.withdraw private_link.calendar private_link.export_all
"""
#: A lead answers by a link in a letter.
TAPS = """
    taps.show taps.answer
    check_taps.show_tap check_taps.check_by_tap
"""
#: Mail programs act there by themselves, by the secret in a letter.
LETTER = """
    stop.show stop.act
"""
MEMBER = """
    phones.phones phones.sign_out_phone phones.sign_out
    me.show me.save_name me.save_language me.ask_for_address me.add_address me.remove_address me.start_letters
    me.add_phone me.make_paper me.export_all me.keep_coming me.ask_erase me.erase
    passkeys.show passkeys.options passkeys.add passkeys.remove
"""
CO_LEAD = """
    board.board board.reach
    comers.on_the_list comers.clear comers.remove comers.ask_contact comers.open_contact
    duties.show duties.take duties.drop_out duties.hand_over duties.swap duties.keep
    rota.overview rota.rules rota.add_rule rota.everybody rota.remove_rule
    rota.days_off rota.go_on_holiday rota.end_holiday
    dates.confirm dates.ask_cancel dates.cancel dates.ask_move dates.move dates.undo
    account.me account.save_me
    run_day.show run_day.count_heads run_day.say run_day.finish run_day.check_in run_day.erase_check_in
    letters.overview letters.preview
    lead_inbox.overview lead_inbox.show lead_inbox.answer lead_inbox.erase
"""
LEAD = """
    first_time.show first_time.write first_time.add_photo first_time.remove_photo
    board.dismiss_take_over board.go_on
    runs.show_new runs.announce runs.show_edit runs.edit runs.undo runs.drop_later_change
    runs.ask_withdraw runs.withdraw runs.reinstate
    checks.show checks.check notices.show notices.add notices.take_down
    pauses.ask pauses.pause pauses.resume
    account.show_profile account.save_profile
    lead_inbox.set_form
    copies.overview copies.make copies.download
    server.show server.look_again
    people.show people.invite people.revoke people.set_role people.ask_remove people.remove
    setup.go_on setup.show_chapter setup.save_chapter setup.show_paper_key setup.make_paper_key setup.ask_for_lines
    setup.found setup.show_you setup.save_you setup.show_run setup.show_hq setup.join_hq setup.leave
    setup.show_done setup.finish mail_settings.show mail_settings.save
    backup_key.show backup_key.make backup_key.ask_for_groups backup_key.keep
"""
#: Whoever signs in on a chapter's site, and whoever sets the chapter up.
ARRIVING = """
    setup.show_link setup.use_link
    codes.ask codes.use_code codes.show_link codes.use_link
    other_ways.passkey_options other_ways.use_passkey other_ways.show_paper other_ways.use_paper
    other_ways.show_invitation other_ways.accept_invitation
"""
#: On HQ's site.
HQ = """
    hq_board.board hq_board.dismiss_take_over hq_board.go_on hq_board.past_acts
    hq_contacts.ask hq_contacts.change hq_wishes.overview hq_wishes.erase
    hq_chapters.all_chapters hq_chapters.chapter hq_chapters.ask hq_chapters.do
    hq_invitations.invitations hq_invitations.new_invitation hq_invitations.invite hq_invitations.revoke
    hq_people.everyone hq_people.add hq_people.make_link hq_people.ask_remove hq_people.remove
    phones.phones phones.sign_out_phone phones.sign_out
    copies.overview copies.make copies.download server.show server.look_again
"""


def audiences(*, of_hq: bool) -> dict[str, str]:
    """The audience of each view of a chapter's site, or of HQ's, by its endpoint. The federation's are not here."""
    everywhere = {
        "public": PUBLIC if of_hq else PUBLIC + FIRST_VISIT,
        "link": LINK if of_hq else LINK + COMING + ARRIVING + TAPS,
        "letter": LETTER,
    }
    here = {"hq": HQ} if of_hq else {"member": MEMBER, "co-lead": CO_LEAD, "lead": LEAD}
    return {endpoint: audience for audience, text in (everywhere | here).items() for endpoint in text.split()}
