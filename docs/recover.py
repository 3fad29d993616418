#!/usr/bin/env python3
"""Turns a Lifeboat backup into a plain snapshot without Lifeboat.

Python 3.9 or newer and the package `cryptography` (recover-requirements.txt).
What every message means: recovery-without-lifeboat.md.
"""
import argparse
import base64
import getpass
import hashlib
import json
import os
import re
import sys

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HEADER, SEGMENT = 40, 65536


def stop(message):
    sys.exit("recover: " + message)


def key_lines(path, kind):
    """Id (first 16 hex digits of SHA-256) and raw bytes of each `KIND BASE64 COMMENT` line."""
    found = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            words = line.split()
            if words and words[0] == kind:
                try:
                    raw = base64.b64decode(words[1], validate=True)
                except (IndexError, ValueError):
                    raw = b""
                if len(raw) != 32:
                    stop(f"{path}: a '{kind}' line is incomplete; copy it again")
                found.append((hashlib.sha256(raw).hexdigest()[:16], raw))
    return found or stop(f"{path}: no line that begins with '{kind}'")


def private_key(path, passphrase_file):
    """The raw bytes of an identity: a line, or a PEM that a passphrase opens."""
    with open(path, "rb") as file:
        content = file.read()
    start = content.find(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    if start < 0:
        return key_lines(path, "lifeboat-identity-1")[0][1]
    if passphrase_file:
        with open(passphrase_file, encoding="ascii") as file:
            passphrase = file.read().strip()
    else:
        passphrase = getpass.getpass(f"passphrase of {path}: ")
    try:
        key = serialization.load_pem_private_key(content[start:], passphrase.encode())
    except (ValueError, TypeError):
        stop(f"{path}: this passphrase does not open it, or the file is damaged")
    return key.private_bytes_raw()


def plain_data_key(path):
    """The data key that KMS decrypted: 32 bytes in Base64."""
    with open(path, encoding="ascii") as file:
        try:
            raw = base64.b64decode(file.read().strip(), validate=True)
        except ValueError:
            raw = b""
    return raw if len(raw) == 32 else stop(f"{path}: not 32 bytes in Base64")


def read_signed(path, signers, expected_type):
    """The JSON in a signed document, once a trusted signer is known to have signed it."""
    with open(path, "rb") as file:
        document = file.read()
    line = re.search(rb"\n(-- lifeboat-signature-1 ([0-9a-f]{16}) ([A-Za-z0-9+/]{86}==)\n)\Z",
                     document)
    if not line:
        stop(f"{path}: the signature line at its end is missing or damaged")
    signer = line[2].decode()
    if signer not in signers:
        stop(f"{path}: signed by {signer}, which is not among the trusted signers")
    content = document[:line.start(1)]
    try:
        key = Ed25519PublicKey.from_public_bytes(signers[signer])
        key.verify(base64.b64decode(line[3]), content)
    except InvalidSignature:
        stop(f"{path}: changed after {signer} signed it")
    fields = json.loads(content)
    if fields.get("type") != expected_type:
        stop(f"{path}: its type is {fields.get('type')!r}, expected {expected_type!r}")
    return fields


def unwrap(identity, wrapped, backup_id):
    """The data key: HPKE (RFC 9180), base mode, no associated data."""
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    private = X25519PrivateKey.from_private_bytes(identity)
    return suite.decrypt(wrapped, private, info=f"lifeboat data key 1 {backup_id}".encode())


def key_id(identity):
    """The id of the identity's public key."""
    raw = X25519PrivateKey.from_private_bytes(identity).public_key().public_bytes_raw()
    return hashlib.sha256(raw).hexdigest()[:16]


def segments(file):
    """The encrypted segments after the header, each with True for the last one."""
    segment = file.read(SEGMENT - HEADER)
    while True:
        following = file.read(SEGMENT)
        yield segment, not following
        if not following:
            return
        segment = following


def decrypt(data_path, data_key, info, out):
    """Writes what is in the container to `out`; its size and SHA-256."""
    size, sha256 = 0, hashlib.sha256()
    with open(data_path, "rb") as file:
        header = file.read(HEADER)
        if len(header) < HEADER or header[0] != HEADER:
            stop(f"{data_path}: is no Lifeboat container")
        salt, prefix = header[1:33], header[33:40]
        aes = AESGCM(HKDF(hashes.SHA256(), 32, salt, info.encode()).derive(data_key))
        for number, (segment, last) in enumerate(segments(file)):
            nonce = prefix + number.to_bytes(4, "big") + bytes([last])
            try:
                plain = aes.decrypt(nonce, segment, None)
            except InvalidTag:
                stop(f"{data_path}: segment {number} does not decrypt: changed or cut")
            out.write(plain)
            size += len(plain)
            sha256.update(plain)
    return size, sha256.hexdigest()


def file_sum(path):
    sha256 = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            sha256.update(piece)
    return os.path.getsize(path), sha256.hexdigest()


def require_same(path, what, found, recorded):
    expected = (recorded["bytes"], recorded["sha256"])
    if found != expected:
        stop(f"{path}: {what} has {found[0]} bytes and the SHA-256 {found[1]},"
             f" the manifest says {expected[0]} and {expected[1]}")


def opened_key(args, signers, backup_id, beside):
    """The data key in the document --key, by the private key --identity."""
    identity = private_key(args.identity, args.passphrase_file)
    args.key = args.key or f"{beside}.{key_id(identity)}.key"
    wrapped = read_signed(args.key, signers, "lifeboat-wrapped-key/1")
    if wrapped["backup"] != backup_id:
        stop(f"{args.key}: belongs to backup {wrapped['backup']}, not to {backup_id}")
    try:
        return unwrap(identity, base64.b64decode(wrapped["wrapped"]), backup_id)
    except Exception:  # the library says no more than that it failed
        stop(f"{args.identity}: does not open {args.key}, which is for recipient"
             f" {wrapped['recipient']} ({wrapped['comment']})")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--manifest", required=True, help="SCHEDULE-SLOT.manifest or ID.manifest")
    parser.add_argument("--data", help="ID.data; default: beside the manifest")
    parser.add_argument("--kit", action="store_true", help="the recovery kit, a tar, instead")
    parser.add_argument("--key", help="ID.RECIPIENT.key, the one of your identity; default: same")
    parser.add_argument("--identity", help="the private identity file")
    parser.add_argument("--passphrase-file", help="its passphrase; asked for without this")
    parser.add_argument("--data-key", help="instead of both: what aws kms decrypt answered")
    parser.add_argument("--signers", required=True, help="the trusted signers file")
    parser.add_argument("--out", required=True, help="the file to write; must not exist")
    args = parser.parse_args()
    if not args.data_key and not args.identity:
        parser.error("--identity is needed, or --data-key")

    signers = dict(key_lines(args.signers, "lifeboat-signer-1"))
    manifest = read_signed(args.manifest, signers, "lifeboat-manifest/1")
    backup_id = manifest["id"]
    beside = os.path.join(os.path.dirname(args.manifest), backup_id)
    purpose, stored = ("kit", manifest.get("kit")) if args.kit else ("snapshot", manifest["stored"])
    if not stored:
        stop(f"{args.manifest}: this backup has no recovery kit")
    args.data = args.data or beside + (".kit" if args.kit else ".data")
    if args.data_key:
        data_key = plain_data_key(args.data_key)
    else:
        data_key = opened_key(args, signers, backup_id, beside)
    require_same(args.data, "the container", file_sum(args.data), stored)

    partial = args.out + ".partial"
    if os.path.exists(args.out):
        stop(f"{args.out}: exists already")
    try:
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            found = decrypt(args.data, data_key, f"lifeboat {purpose} 1 {backup_id}", out)
        if not args.kit:
            require_same(args.data, "the snapshot in it", found, manifest["plain"])
        os.rename(partial, args.out)
    finally:
        if os.path.exists(partial):
            os.remove(partial)
    print(f"{args.out}: {purpose} of backup {backup_id}, {found[0]} bytes, as its manifest says")


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        stop(str(error))
