// What an export says of itself to whoever finds it (docs/format.md 12). Rule: the same text in every export.

export const DESCRIPTION = `This file is an export of a Coffre vault: everything that a backup server kept for one owner.

What is inside is encrypted. It opens with the passphrase of the vault, or with its 24 recovery words.
Without one of them nobody can read it. Whoever has this file can try to guess the passphrase, at home
and for as long as they like: keep it as safe as the backup itself.

To get the files back, offline:

    coffre open-export THIS-FILE --to FOLDER

or, with Python and without Coffre, the program in docs/reader of Coffre's sources. To write another
program: docs/format.md of Coffre's sources says what every byte means; section 12 is this file.

    README.txt                     this text
    vault-object                   the vault's public description, with its secret sealed twice (format, section 4)
    roster                         the devices of the vault (section 4)
    server-key                     the key with which the server signed receipts, 32 bytes
    devices/ID/epochs/NUMBER       the sealed secret of an epoch (section 5)
    devices/ID/records/NUMBER      what a device recorded (section 7)
    devices/ID/receipts/NUMBER     the server's signature that the record was durable (section 8)
    blobs/ID                       sealed content; ID is the SHA-256 of the bytes (section 6)
    SHA256SUMS                     the SHA-256 of each file above: check with sha256sum -c SHA256SUMS
`;
