"""Parameters of an address that only track the reader, and an address without them."""

import re
from urllib.parse import unquote

_FLAGS = re.IGNORECASE | re.ASCII  # re.ASCII: else IGNORECASE lets the Kelvin sign stand for a k
_TRACKER = re.compile(
    r"utm_[^=]*|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|mc_cid|mc_eid|igshid|igsh|twclid|ttclid|yclid|ysclid|_openstat|li_fat_id"
    r"|ref_src|_hsenc|_hsmi|__hssc|__hstc|__hsfp|hsctatracking|mkt_tok|oly_anon_id|oly_enc_id|vero_id|vero_conv|wickedid|epik|rb_clickid",
    _FLAGS,
)


def strip_tracking(address: str) -> str:
    """Take well-known tracking parameters out of an address's query; everything else stays byte for
    byte, the fragment too.
    """
    before_fragment, hash_mark, fragment = address.partition("#")
    base, question_mark, query = before_fragment.partition("?")
    parameters = query.split("&")
    kept = [
        parameter
        for parameter in parameters
        if not _TRACKER.fullmatch(unquote(parameter.partition("=")[0]))
    ]
    if len(kept) == len(parameters):
        return address
    query = "&".join(kept)
    return base + (question_mark + query if query else "") + hash_mark + fragment
