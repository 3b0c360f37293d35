"""Whose code it is: what stays the same when a phone shows its holder's next code. Pure."""

import msgspec

from scanner.domain.passes import HEALTH_CODE, PassClaims


def holder_of(claims: PassClaims | None) -> bytes | None:
    """The holder as bytes to be hashed under a key; None for a code that does not say.

    The phone's key where the code is bound to one, else the weak name: masked name, id kind and id
    suffix, household and guardian, which two people may share. A pass of another kind is another
    document: a paper pass from spring and today's code on the phone are both in force.
    """
    if claims is None or claims.format != HEALTH_CODE:
        return None
    name: tuple[object, ...]
    if claims.holder_key is not None:
        name = (claims.holder_key,)
    elif (holder := claims.holder) is not None:
        dependant = claims.dependant
        name = (
            holder.masked_name,
            holder.id_kind,
            holder.id_suffix,
            claims.household,
            dependant and (dependant.relation, dependant.masked_guardian),
        )
    else:
        return None
    return msgspec.msgpack.encode((claims.issuer, claims.kind, name))
