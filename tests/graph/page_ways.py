"""What a person does on the operator's page; `page` is one of `devtools`."""

STAGE = 'known.cell.stage'
RESTS = f'["idle", "done", "fault"].includes({STAGE})'


def ask(page, button):
    """Press a button that asks back."""
    page.click(button)
    page.wait('find("sure").open')


def agree(page):
    """Answer yes."""
    page.click('#sure_yes')


def begin(page):
    """Start a cycle."""
    ask(page, '#start')
    agree(page)


def approve(page):
    """Approve the path that is shown, by the name that is given."""
    ask(page, '#approve')
    agree(page)
    page.wait('known.approval.state === "approved"')


def hold_to_arm(page):
    """Hold the button until the weld begins."""
    page.click('#arm', hold_s=2.0)
    page.wait(f'{STAGE} === "weld"')


def open_newest_record(page):
    """Its facts and pictures."""
    page.click('[data-tab=records]')
    page.wait('find("rows").children.length')
    page.click('#rows tr')
    page.wait('!find("record").hidden')
