"""Unpacks the members of a wheel that are needed. Called by unzip.mjs, which turns what this prints into progress and errors.

    unzip.py WHEEL TARGET '{"rules": [[PATTERN, REPLACEMENT], ...], "maxTotalBytes": N, "maxMembers": N}'

A member whose name matches a pattern is unpacked as the replacement says, below TARGET, a folder that is made here. Prints lines of
JSON: {"total": BYTES} first, {"done": BYTES} as it goes, and {"files": {NAME: BYTES}} last, or what went wrong. Python 3.6 or newer.
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
    """An archive that is not to be unpacked: the reason, and the member that it concerns."""

    def __init__(self, reason, member=None):
        super().__init__(reason)
        self.report = {"refused": reason, "member": member}


def unpack(wheel, target, options):
    try:
        archive = zipfile.ZipFile(wheel)
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise Refusal("it has no ZIP directory; it was probably cut off")
    with archive:
        members = archive.infolist()
        check(members, options)
        chosen = list(choose(members, options["rules"]))
        say(total=sum(member.file_size for _, member in chosen))
        done = 0
        os.mkdir(target)
        with ThreadPoolExecutor(1) as writer:
            for name, member in chosen:
                try:
                    done = unpack_member(archive, member, os.path.join(target, name), done, writer)
                except OSError as error:
                    error.member = name
                    raise
        say(files={name: member.file_size for name, member in chosen})


def check(members, options):
    """Refuses the archive as a whole, before a byte is unpacked."""
    if len(members) > options["maxMembers"]:
        raise Refusal("it has {} members, the limit is {}".format(len(members), options["maxMembers"]))
    seen = set()
    for member in members:
        # `filename` ends at a NUL.
        name = member.orig_filename
        reason = find_hostility(member, name)
        if reason or name in seen:
            raise Refusal(reason or "is there twice", name)
        seen.add(name)
    total = sum(member.file_size for member in members)
    if total > options["maxTotalBytes"]:
        raise Refusal("its members hold {} bytes, the limit is {}".format(total, options["maxTotalBytes"]))


def find_hostility(member, name):
    parts = re.split(r"[/\\]", name)
    if ".." in parts or parts[0] == "" or re.match(r"[A-Za-z]:", name) or "\0" in name:
        return "would be written outside its folder"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "is a symbolic link"
    if member.flag_bits & 1:
        return "is encrypted"
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "uses compression method {}".format(member.compress_type)
    return None


def choose(members, rules):
    for member in members:
        for pattern, replacement in rules:
            match = re.match(pattern + r"\Z", member.filename)
            if match:
                yield match.expand(replacement), member
                break


def unpack_member(archive, member, target, done, writer):
    name = member.orig_filename
    declared = (member.file_size, member.CRC)
    # What zipfile would check is checked here: it stops in silence at the declared size.
    member.file_size, member.CRC = sys.maxsize, None
    size = 0
    writing = writer.submit(int)
    mode = 0o777 if member.external_attr >> 16 & 0o100 else 0o666
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "xb", opener=lambda file, flags: os.open(file, flags, mode)) as output:
        for piece in read_pieces(archive, member):
            size += len(piece)
            if size > declared[0]:
                raise Refusal("is larger than its {} bytes".format(declared[0]), name)
            crc = writing.result()
            # Meanwhile the next piece is inflated.
            writing = writer.submit(write, output, piece, crc)
            say(done=done + size)
        crc = writing.result()
        output.flush()
        os.fsync(output.fileno())
    if (size, crc) != declared:
        words = "has {} bytes with CRC {:x}, the directory says {} bytes with CRC {:x}"
        raise Refusal(words.format(size, crc, *declared), name)
    member.file_size, member.CRC = declared
    return done + size


def write(output, piece, crc):
    output.write(piece)
    return zlib.crc32(piece, crc)


def read_pieces(archive, member):
    try:
        with archive.open(member) as source:
            while True:
                piece = source.read(CHUNK)
                if not piece:
                    return
                yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise Refusal("is damaged: {}".format(error), member.orig_filename)


def say(**report):
    print(json.dumps(report), flush=True)


if __name__ == "__main__":
    try:
        unpack(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))
    except Refusal as refusal:
        say(**refusal.report)
    except OSError as error:
        say(errno=error.errno, member=getattr(error, "member", None))
