"""Unpacks the members of a wheel that are needed. Called by unzip.mjs, which makes progress and errors of what this prints.

    unzip.py WHEEL TARGET '{"rules": [[PATTERN, REPLACEMENT], ...], "maxTotalBytes": N, "maxMembers": N}'

A member whose name matches a pattern is unpacked as the replacement says, below TARGET, a folder that is made here. Prints lines of
JSON: {"total": BYTES}, {"done": BYTES} as it goes, and last {"files": {NAME: BYTES}} or what went wrong. Python 3.6 or newer.
"""

import json
import os
import re
import stat
import sys
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor

CHUNK = 1 << 18


class Refusal(Exception):
    """A reason not to unpack an archive, and the member that it concerns."""


def unpack(wheel, target, rules, maxTotalBytes, maxMembers):
    try:
        archive = zipfile.ZipFile(wheel)
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise Refusal("it has no ZIP directory; it was probably cut off")
    members = archive.infolist()
    refuse_hostile(members, maxTotalBytes, maxMembers)
    chosen = {}
    for member in members:
        matches = ((re.fullmatch(pattern, member.filename), replacement) for pattern, replacement in rules)
        chosen.update((match.expand(replacement), member) for match, replacement in matches if match)
    say(total=sum(member.file_size for member in chosen.values()))
    os.mkdir(target)
    files, done = {}, 0
    with ThreadPoolExecutor(1) as writer:
        for name, member in chosen.items():
            try:
                files[name] = unpack_member(archive, member, os.path.join(target, name), writer, done)
            except OSError as error:
                error.member = name
                raise
            done += files[name]
    say(files=files)


def refuse_hostile(members, maxTotalBytes, maxMembers):
    if len(members) > maxMembers:
        raise Refusal(f"it has {len(members)} members, the limit is {maxMembers}")
    seen = set()
    for member in members:
        # `filename` ends at a NUL.
        name = member.orig_filename
        parts = re.split(r"[/\\]", name)
        if ".." in parts or parts[0] == "" or re.match("[A-Za-z]:", name) or "\0" in name:
            raise Refusal("would be written outside its folder", name)
        if stat.S_ISLNK(member.external_attr >> 16):
            raise Refusal("is a symbolic link", name)
        if member.flag_bits & 1:
            raise Refusal("is encrypted", name)
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Refusal(f"uses compression method {member.compress_type}", name)
        if name in seen:
            raise Refusal("appears twice", name)
        seen.add(name)
    total = sum(member.file_size for member in members)
    if total > maxTotalBytes:
        raise Refusal(f"its members hold {total} bytes, the limit is {maxTotalBytes}")


def unpack_member(archive, member, target, writer, done):
    name, declared, declared_crc = member.orig_filename, member.file_size, member.CRC
    # zipfile would stop in silence at the declared size: both are checked here.
    member.file_size, member.CRC = sys.maxsize, None
    mode = 0o777 if member.external_attr >> 16 & 0o100 else 0o666
    size = 0
    writing = writer.submit(int)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "xb", opener=lambda file, flags: os.open(file, flags, mode)) as output:
        for piece in read_pieces(archive, member):
            size += len(piece)
            if size > declared:
                raise Refusal(f"is larger than its {declared} bytes", name)
            crc = writing.result()
            # Written while the next piece is inflated.
            writing = writer.submit(write, output, piece, crc)
            say(done=done + size)
        crc = writing.result()
        output.flush()
        os.fsync(output.fileno())
    if (size, crc) != (declared, declared_crc):
        raise Refusal(
            f"has {size} bytes with CRC {crc:x}, the directory says {declared} bytes with CRC {declared_crc:x}", name
        )
    return size


def write(output, piece, crc):
    output.write(piece)
    return zlib.crc32(piece, crc)


def read_pieces(archive, member):
    try:
        with archive.open(member) as source:
            yield from iter(lambda: source.read(CHUNK), b"")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise Refusal(f"is damaged: {error}", member.orig_filename)


def say(**report):
    print(json.dumps(report), flush=True)


if __name__ == "__main__":
    try:
        unpack(sys.argv[1], sys.argv[2], **json.loads(sys.argv[3]))
    except Refusal as refusal:
        say(refused=refusal.args[0], member=(refusal.args + (None,))[1])
    except OSError as error:
        say(errno=error.errno, member=getattr(error, "member", None))
