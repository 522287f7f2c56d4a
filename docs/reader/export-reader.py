#!/usr/bin/env python3
"""Reads an export of a Coffre vault, and writes the newest version of every file.

It was written from docs/format.md alone and shares no code with Coffre: F-n and § below are of that page. It proves that the
page is enough to get one's files back. It needs three packages from PyPI (requirements.txt): cryptography (ML-KEM-768, X25519,
Ed25519, AES-GCM, HKDF, Argon2id), cbor2, and mnemonic (BIP 39).

    python3 export-reader.py vault.tar --to FOLDER --passphrase-file FILE
    python3 export-reader.py vault.tar --to FOLDER --words-file FILE

It ends with 0 when everything was written, and with 1 when something was not: each on a line of its own.
"""

import argparse
import getpass
import hashlib
import hmac
import os
import sys
import tarfile
import unicodedata

import cbor2
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from mnemonic import Mnemonic

CHUNK_BYTES = 983_040
FULL_PART_BYTES = CHUNK_BYTES + 28
ZEROS = bytes(32)


class Refused(Exception):
    """Bytes that the format does not allow, or that are not authentic."""


def need(holds, why):
    if not holds:
        raise Refused(why)


# §1: encodings and signatures


def sha256(data):
    return hashlib.sha256(data).digest()


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def decode(data):
    """One item of deterministic CBOR, and how many bytes it took (F-1, F-2)."""
    try:
        value = cbor2.loads(data)
    except cbor2.CBORDecodeError as error:
        raise Refused("no CBOR") from error
    plain(value)
    text = cbor2.dumps(value, canonical=True)
    need(data.startswith(text), "not the deterministic encoding")
    return value, len(text)


def plain(value, depth=0):
    need(depth <= 8, "arrays too deep")
    if isinstance(value, (list, tuple)):
        for item in value:
            plain(item, depth + 1)
    else:
        need(value is None or type(value) in (int, bytes, str), "a type that the format has not")
        need(type(value) is not int or abs(value) <= 2**53 - 1, "a number out of range")


def decode_all(data, fields=None):
    value, length = decode(data)
    need(length == len(data), "bytes behind the item")
    need(fields is None or (isinstance(value, (list, tuple)) and len(value) == fields), "another number of fields")
    return value


def open_signed(kind, data, key):
    """The payload of signed bytes (F-4, F-5)."""
    payload, signature = decode_all(data, 2)
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, b"coffre/1/" + kind + b"\0" + payload)
    except (InvalidSignature, ValueError, TypeError) as error:
        raise Refused(f"the signature of a {kind.decode()} does not hold") from error
    return payload


# §2 and §3: keys and sealing


def hkdf(key, info):
    return HKDF(SHA256(), 32, salt=None, info=info).derive(key)


def expand(key, info, length):
    return HKDFExpand(SHA256(), length, info).derive(key)


def open_sealed(root, context, sealed):
    """F-20, F-21."""
    keys = expand(root, context.encode("ascii"), 64)
    need(len(sealed) >= 28, "too short to be sealed")
    try:
        opened = AESGCM(keys[:32]).decrypt(sealed[:12], sealed[12:], context.encode("ascii"))
    except InvalidTag as error:
        raise Refused("not authentic") from error
    need(hmac.compare_digest(mac(keys[32:], sha256(opened))[:12], sealed[:12]), "another nonce")
    return opened


def xwing_keys(seed):
    """The ML-KEM-768 key, the X25519 key and its public bytes of an X-Wing seed."""
    expanded = hashlib.shake_256(seed).digest(96)
    curve = X25519PrivateKey.from_private_bytes(expanded[64:])
    public = curve.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return MLKEM768PrivateKey.from_seed_bytes(expanded[:64]), curve, public


def xwing_decapsulate(seed, enc):
    lattice, curve, public = xwing_keys(seed)
    first = lattice.decapsulate(enc[:1088])
    second = curve.exchange(X25519PublicKey.from_public_bytes(enc[1088:]))
    return hashlib.sha3_256(first + second + enc[1088:] + public + b"\\.//^\\").digest()


def hpke_export(seed, enc, info):
    """RFC 9180, base mode, suite 0x647A, 0x0001, 0xFFFF: the export for `coffre/1/root`."""
    suite = b"HPKE" + bytes.fromhex("647a0001ffff")

    def extract(salt, label, data):
        return mac(salt or ZEROS, b"HPKE-v1" + suite + label + data)

    def labeled(key, label, data):
        return expand(key, b"\0\x20" + b"HPKE-v1" + suite + label + data, 32)

    schedule = b"\0" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    secret = extract(xwing_decapsulate(seed, enc), b"secret", b"")
    return labeled(labeled(secret, b"exp", schedule), b"sec", b"coffre/1/root")


def unlock(vault_object, passphrase, words):
    """V, by the passphrase or by the words (§2, §4)."""
    vault, login, (m, t, p), salt16, wrap, recovery_wrap = (vault_object[i] for i in (1, 3, 6, 7, 8, 9))
    if words is not None:
        key = bytes(Mnemonic("english").to_entropy(words.lower().split()))
        return open_sealed(hkdf(key, b"coffre/1/recovery-unlock"), f"coffre/1/recovery-wrap/{vault.hex()}", recovery_wrap)
    need(65_536 <= m <= 1_048_576 and 3 <= t <= 16 and 1 <= p <= 4, "parameters outside F-11")
    name = login.encode("ascii")
    salt = sha256(b"coffre/1/kdf" + bytes([len(name)]) + name + salt16)[:16]
    text = unicodedata.normalize("NFKD", passphrase).encode("utf-8")
    stretched = Argon2id(salt=salt, length=32, iterations=t, lanes=p, memory_cost=m).derive(text)
    context = f"coffre/1/wrap/{vault.hex()}/{m}/{t}/{p}/{salt16.hex()}"
    return open_sealed(hkdf(stretched, b"coffre/1/unlock"), context, wrap)


# §12: the file


class Export:
    def __init__(self, path):
        self.tar = tarfile.open(path, "r:")
        self.members = {member.name: member for member in self.tar}

    def read(self, name):
        member = self.members.get(name)
        need(member is not None and member.isreg(), f"the file has no {name}")
        return self.tar.extractfile(member).read()

    def read_part(self, blob, offset, length):
        member = self.members.get(f"blobs/{blob.hex()}")
        need(member is not None, "a blob is missing")
        file = self.tar.extractfile(member)
        file.seek(offset)
        data = file.read(length)
        need(len(data) == length, "a blob is too short")
        return data

    def numbers(self, device, kind):
        start = f"devices/{device.hex()}/{kind}/"
        return sorted(int(name[len(start) :]) for name in self.members if name.startswith(start))


# §4 to §8: the vault


class Vault:
    def __init__(self, export, passphrase, words):
        self.export = export
        self.trouble = []
        signed = export.read("vault-object")
        unverified = decode_all(decode_all(signed, 2)[0], 13)
        secret = unlock(unverified, passphrase, words)
        signing = Ed25519PrivateKey.from_private_bytes(hkdf(secret, b"coffre/1/vault-sign")).public_key()
        self.signing_key = signing.public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.kem_seed = hkdf(secret, b"coffre/1/vault-kem")
        self.dedup_key = hkdf(secret, b"coffre/1/dedup")
        self.names_key = hkdf(secret, b"coffre/1/names")
        # F-31: nothing of the object is used before this holds.
        checked = decode_all(open_signed(b"vault-object", signed, self.signing_key), 13)
        self.id = checked[1]
        lattice, _, curve = xwing_keys(self.kem_seed)
        kem_key = lattice.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw) + curve
        need(checked[10] == self.signing_key and checked[11] == kem_key, "the object has other keys")
        need(self.id == sha256(self.signing_key + kem_key), "the object is another vault's")
        self.server_key = export.read("server-key")
        self.read_roster()
        self.epochs = {}
        self.places = {}

    def read_roster(self):
        roster = decode_all(open_signed(b"roster", self.export.read("roster"), self.signing_key), 5)
        need(roster[1] == self.id, "another vault's roster")
        self.device_keys, self.device_names = {}, {}
        for signed, sealed_name in roster[3]:
            certificate = decode_all(open_signed(b"certificate", signed, self.signing_key), 6)
            device = certificate[2]
            need(certificate[1] == self.id and device == sha256(certificate[3]), "another's certificate")
            self.device_keys[device] = certificate[3]
            context = f"coffre/1/name/{self.id.hex()}/{device.hex()}"
            self.device_names[device] = open_sealed(self.names_key, context, sealed_name).rstrip(b"\0").decode("utf-8")
        self.revoked = {device: (number, last) for device, number, last in roster[4]}

    def epoch(self, device, number):
        """The chunk root, the record root and the envelope's hash of an epoch (§5)."""
        known = self.epochs.get((device, number))
        if known is None:
            signed = self.export.read(f"devices/{device.hex()}/epochs/{number}")
            _, vault, of, same, enc, sealed = decode_all(open_signed(b"epoch", signed, self.device_keys[device]), 6)
            need((vault, of, same) == (self.id, device, number), "another epoch's envelope")
            context = f"coffre/1/epoch/{self.id.hex()}/{device.hex()}/{number}"
            secret = open_sealed(hpke_export(self.kem_seed, enc, context.encode("ascii")), context, sealed)
            known = hkdf(secret, b"coffre/1/chunk-root"), hkdf(secret, b"coffre/1/record-root"), sha256(signed)
            self.epochs[(device, number)] = known
        return known

    def records(self, device):
        """The bodies of a device's records in their order, each checked (F-35, F-60, F-92)."""
        before, previous = 0, ZEROS
        last, last_hash = self.revoked.get(device, (None, None))
        for number in self.export.numbers(device, "records"):
            where = f"{self.device_names[device]}, record {number}"
            if last is not None and number > last:
                continue
            record = self.export.read(f"devices/{device.hex()}/records/{number}")
            if number != before + 1:
                self.trouble.append(f"{where}: records before it are missing")
                previous = None
            try:
                need(last is None or number != last or sha256(record) == last_hash, "another one than the revocation names")
                yield self.open_record(device, number, record, previous)
            except Refused as error:
                self.trouble.append(f"{where}: {error}")
            before, previous = number, sha256(record)

    def open_record(self, device, number, record, previous):
        signed = self.export.read(f"devices/{device.hex()}/receipts/{number}")
        receipt = decode_all(open_signed(b"receipt", signed, self.server_key), 7)
        need(receipt[1:5] == [self.id, device, number, sha256(record)], "another record's receipt")
        header, length = decode(record)
        need(len(header) == 12 and header[:5] == [1, 0, self.id, device, number], "another record's header")
        need(previous is None or header[5] == previous, "it does not follow from the one before")
        _, record_root, envelope_hash = self.epoch(device, header[6])
        need(header[7] == envelope_hash, "another envelope")
        context = f"coffre/1/record/{sha256(record[:length]).hex()}"
        padded = open_sealed(record_root, context, record[length:])
        body, end = decode(padded)
        need(len(body) == 4 and not any(padded[end:]), "a malformed body")
        return body

    def part(self, kind, part_id, places):
        """Opens a chunk or list at the first of its places that gives it (F-23, F-73)."""
        reasons = []
        for (device, epoch), blob, offset, length in places:
            try:
                root = self.epoch(device, epoch)[0]
                sealed = self.export.read_part(blob, offset, length)
                opened = open_sealed(root, f"coffre/1/{kind}/{part_id.hex()}", sealed)
                need(hmac.compare_digest(mac(self.dedup_key, sha256(opened)), part_id), "another content")
                return opened
            except (Refused, KeyError) as error:
                reasons.append(str(error))
        raise Refused(reasons[0])

    def places_of(self, device, ref, sources, blobs):
        own = place_of(ref, sources, blobs)
        moved = self.places.get(ref[0], {})
        # Of the version's own device first, of each the newest one.
        return [own] + [moved[each] for each in sorted(moved, key=lambda each: each != device)]

    def chunks(self, device, entry, sources, blobs):
        """The contents of a file's chunks, in order."""
        kind, refs = entry[8]
        for ref in refs:
            if kind == 0:
                yield self.part("chunk", ref[0], self.places_of(device, ref, sources, blobs))
                continue
            need(kind == 1, "an unknown kind of chunks")
            opened = self.part("list", ref[0], self.places_of(device, ref, sources, blobs))
            its_sources, its_blobs, its_refs = decode_all(opened, 3)
            for each in its_refs:
                yield self.part("chunk", each[0], self.places_of(device, each, its_sources, its_blobs))


def place_of(ref, sources, blobs):
    _, source, blob, offset, length = ref
    need(0 <= source < len(sources) and 0 <= blob < len(blobs), "an index outside the tables")
    need(0 <= offset and 29 <= length <= FULL_PART_BYTES and offset + length <= 7_868_416, "a part outside its blob")
    return tuple(sources[source]), blobs[blob], offset, length


# What is there now, and writing it


def component(name):
    """F-65."""
    data = name.encode("utf-8") if isinstance(name, str) else name
    need(1 <= len(data) <= 255 and data not in (b".", b"..") and b"/" not in data and b"\0" not in data, "a bad name")
    return data


def fold(vault, device):
    """What a device holds now: by root and path, the newest entry with the tables that it needs."""
    roots = {}
    for sources, blobs, names, entries in vault.records(device):
        for entry in entries:
            need(isinstance(entry, (list, tuple)) and entry and entry[0] in range(1, 8), "an unknown kind of entry")
            if entry[0] == 5:
                vault.places.setdefault(entry[1], {})[device] = place_of(entry[2], sources, blobs)
            if entry[0] > 4:
                continue
            held = roots.setdefault(names[entry[1]], {})
            path = tuple(component(name) for name in entry[2])
            if entry[0] != 2:
                # Only folders leave what is below them as it is.
                for below in [other for other in held if other[: len(path)] == path]:
                    del held[below]
            if entry[0] != 4:
                held[path] = (entry, sources, blobs)
    return roots


def set_stat(path, entry, at, mode):
    times = entry[at] * 10**9 + entry[at + 1] * 1000
    if mode is not None:
        os.chmod(path, mode & 0o1777)  # F-101
    os.utime(path, ns=(times, times), follow_symlinks=False)


def write_file(vault, device, path, entry, sources, blobs):
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    try:
        with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
            for chunk in vault.chunks(device, entry, sources, blobs):
                file.write(chunk)
            need(file.tell() == entry[3], "its chunks do not add up to its size")
    except Refused:
        os.unlink(path)
        raise
    set_stat(path, entry, 4, entry[6])


def write_root(vault, device, top, held):
    """Files first, then links, then the folders' times, the deepest first: no parent of a path is ever a link."""
    os.makedirs(top)
    folders = []
    for wanted in (1, 3):
        for path, (entry, sources, blobs) in held.items():
            place = os.path.join(top, *path)
            if entry[0] == 2 and wanted == 1:
                os.makedirs(place, exist_ok=True)
                folders.append((path, place, entry))
            if entry[0] != wanted:
                continue
            try:
                os.makedirs(os.path.dirname(place), exist_ok=True)
                if wanted == 1:
                    write_file(vault, device, place, entry, sources, blobs)
                else:
                    target = entry[5].encode("utf-8") if isinstance(entry[5], str) else entry[5]
                    os.symlink(target, place)
                    set_stat(place, entry, 3, None)
            except (Refused, OSError) as error:
                vault.trouble.append(f"{os.fsdecode(place)}: {error}")
    for _, place, entry in sorted(folders, key=lambda folder: len(folder[0]), reverse=True):
        set_stat(place, entry, 3, entry[5])


def read_secret(path, question):
    if path is None:
        return getpass.getpass(question)
    with open(path, encoding="utf-8") as file:
        return file.read().strip("\r\n")


def main():
    parser = argparse.ArgumentParser(description="Reads an export of a Coffre vault without Coffre.")
    parser.add_argument("file")
    parser.add_argument("--to", required=True, help="a folder that is not there yet")
    parser.add_argument("--passphrase-file")
    parser.add_argument("--words-file", help="the 24 recovery words, in place of the passphrase")
    options = parser.parse_args()
    words = None if options.words_file is None else read_secret(options.words_file, "")
    passphrase = None if words is not None else read_secret(options.passphrase_file, "Passphrase: ")
    try:
        vault = Vault(Export(options.file), passphrase, words)
    except (Refused, tarfile.TarError, ValueError, LookupError) as error:
        sys.exit(f"the export does not open: {error}")
    held = {device: fold(vault, device) for device in vault.device_keys}
    names = [name for roots in held.values() for name in roots]
    os.makedirs(options.to)
    for device, roots in held.items():
        for name, entries in roots.items():
            # F-100: a name that several devices have gets its device's folder above it.
            above = [component(vault.device_names[device])] if names.count(name) > 1 else []
            write_root(vault, device, os.path.join(os.fsencode(options.to), *above, component(name)), entries)
    for line in vault.trouble:
        print(line, file=sys.stderr)
    sys.exit(1 if vault.trouble else 0)


if __name__ == "__main__":
    main()
