// Published vectors, which nobody here computed: X-Wing, HPKE, HKDF, Ed25519, BIP 39 and Argon2id.

import { argon2Sync } from "node:crypto";
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { ed25519PublicKey, ed25519Sign, ed25519Verify } from "../../engine/src/crypto/ed25519.ts";
import { expand, extractKey } from "../../engine/src/crypto/hash.ts";
import { decapsulate, encapsulate, exportSecret, kemPublicKey } from "../../engine/src/crypto/hpke.ts";
import { keyFromWords, wordsFromKey } from "../../engine/src/crypto/words.ts";
import { type Fields, hex, integer, text } from "./area.ts";

/** A case of a public file, whose bytes are hexadecimal. */
interface PublicCase extends Fields {}

async function casesOf(name: string): Promise<readonly PublicCase[]> {
  const file = await readFile(new URL(`./public-${name}.json`, import.meta.url), "utf8");
  return (JSON.parse(file) as { tests: readonly PublicCase[] }).tests;
}

function bytes(c: Fields, name: string): Uint8Array {
  return new Uint8Array(Buffer.from(text(c, name), "hex"));
}

test("X-Wing gives the key, the encapsulation and the secret of its draft", async () => {
  for (const c of await casesOf("x-wing")) {
    expect(hex(kemPublicKey(bytes(c, "seed")))).toBe(c["pk"]);
    const { enc, sharedSecret } = encapsulate(bytes(c, "pk"), bytes(c, "eseed"));
    expect(hex(enc)).toBe(c["ct"]);
    expect(hex(sharedSecret)).toBe(c["ss"]);
    expect(hex(decapsulate(bytes(c, "seed"), enc))).toBe(c["ss"]);
  }
});

test("HPKE with KEM 0x647A exports what its working group's vectors say", async () => {
  for (const c of await casesOf("hpke")) {
    const { enc, sharedSecret } = encapsulate(bytes(c, "pkRm"), bytes(c, "ikmE"));
    expect(hex(enc)).toBe(c["enc"]);
    expect(hex(sharedSecret)).toBe(c["shared_secret"]);
    expect(hex(decapsulate(bytes(c, "skRm"), enc))).toBe(c["shared_secret"]);
    for (const e of c["exports"] as readonly Fields[]) {
      const context = bytes(e, "exporter_context");
      const value = exportSecret(sharedSecret, bytes(c, "info"), context, integer(e, "L"), integer(c, "aead_id"));
      expect(hex(value)).toBe(e["exported_value"]);
    }
  }
});

test("HKDF-SHA-256 is that of RFC 5869", async () => {
  for (const c of await casesOf("hkdf")) {
    const prk = extractKey(bytes(c, "salt"), bytes(c, "ikm"));
    expect(hex(prk)).toBe(c["prk"]);
    expect(hex(expand(prk, bytes(c, "info"), integer(c, "length")))).toBe(c["okm"]);
  }
});

test("Ed25519 is that of RFC 8032", async () => {
  for (const c of await casesOf("ed25519")) {
    expect(hex(ed25519PublicKey(bytes(c, "seed")))).toBe(c["publicKey"]);
    expect(hex(ed25519Sign(bytes(c, "seed"), bytes(c, "message")))).toBe(c["signature"]);
    expect(ed25519Verify(bytes(c, "publicKey"), bytes(c, "message"), bytes(c, "signature"))).toBe(true);
  }
});

test("the words are those of BIP 39 (F-13)", async () => {
  for (const c of await casesOf("words")) {
    expect(wordsFromKey(bytes(c, "key"))).toBe(c["words"]);
    expect(keyFromWords(text(c, "words"))).toEqual({ kind: "key", key: bytes(c, "key") });
  }
});

test("the Argon2id that the reference is compared with is that of RFC 9106", async () => {
  for (const c of await casesOf("argon2id")) {
    const tag = argon2Sync("argon2id", {
      message: bytes(c, "password"),
      nonce: bytes(c, "salt"),
      secret: bytes(c, "secret"),
      associatedData: bytes(c, "associatedData"),
      memory: integer(c, "memoryKiB"),
      passes: integer(c, "passes"),
      parallelism: integer(c, "lanes"),
      tagLength: 32,
    });
    expect(hex(tag)).toBe(c["tag"]);
  }
});
