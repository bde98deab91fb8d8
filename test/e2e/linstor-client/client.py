"""LINBIT's Python client of LINSTOR, line by line.

Usage: python client.py URL

Each line of standard input is a Python expression or statement over `lin`, a connected `linstor.Linstor`, the module
`linstor`, `url` and `said`; for each, one line of standard output tells as JSON what came out:

    {"value": ...}    of the client's parsed objects every property, as the client itself computes it
    {"raised": "LinstorError", "text": ...}
"""

import json
import sys

import linstor
from linstor.responses import RESTMessageResponse


def main(url):
    scope = {"linstor": linstor, "url": url, "lin": linstor.Linstor(url), "said": said}
    scope["lin"].connect()
    for line in sys.stdin:
        answer(lambda: run(line.strip(), scope))


def run(text, scope):
    try:
        code = compile(text, "<line>", "eval")
    except SyntaxError:
        exec(text, scope)
        return None
    return eval(code, scope)


def said(replies):
    """Replies as one text each, with what the client takes them for: `SUCC New resource group 'a' created.`"""
    return [kind_of(reply) + " " + reply.message for reply in replies]


def kind_of(reply):
    if reply.is_error():
        return "ERRO"
    if reply.is_warning():
        return "WARN"
    return "INFO" if reply.is_info() else "SUCC"


def answer(produce):
    try:
        text = json.dumps({"value": plain(produce())})
    except Exception as raised:
        text = json.dumps({"raised": type(raised).__name__, "text": str(raised)})
    print(text, flush=True)


def plain(value):
    """JSON for what the client returned. Whole numbers that a JavaScript number cannot hold become decimal texts."""
    if isinstance(value, RESTMessageResponse):
        kind = type(value)
        # data_v0 and data_v1 are the answer again, as older clients printed it.
        names = [name for name in dir(kind) if isinstance(getattr(kind, name), property) and not name.startswith("data_v")]
        return {"class": kind.__name__, **{name: read(value, name) for name in names}}
    if isinstance(value, (list, tuple, set)):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2 ** 53:
        return str(value)
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return str(value)


def read(value, name):
    try:
        return plain(getattr(value, name))
    except KeyError as absent:
        return {"raised": "KeyError", "text": str(absent)}


if __name__ == "__main__":
    main(sys.argv[1])
