// What a phone with little time sends first: what is new, and what is small. Rule: lives are short and the line is slow, so that
// all that is sent was chosen before the rest.

import { describe, expect, test } from "vitest";
import { seededContent } from "../../scripted-host/file-content.ts";
import { checkGuarantees } from "./guarantees.ts";
import { backUp, type Phone, pairPhone, ROOT } from "./phone.ts";
import { endLife, liveForMs } from "./short-life.ts";

const DAY_US = 86_400_000_000;
const TEN_MINUTES_MS = 600_000;
const PHOTO_BYTES = 2_000_000;
/** Found before any photo. */
const FILM = "0 film of the summer";

/** Photos whose names and places tell nothing of their times; the larger the number, the newer. */
function photoName(number: number): string {
  return `${(number * 7) % 40} photo ${number}`;
}

/** A phone with a film that needs days and forty photos that were taken one a day, half of them beside it, on a line of 50 kB/s. */
function pairWithFilmAndPhotos(filmBytes: number): Phone {
  const phone = pairPhone(({ ground: { tree } }) => {
    tree.write(`${ROOT}/${FILM}`, seededContent(1_000, filmBytes));
    const nowUs = 1_700_000_000_000_000;
    for (let number = 0; number < 40; number++) {
      const place = `${ROOT}/${number % 2 === 0 ? "" : "other/"}${photoName(number)}`;
      tree.write(place, seededContent(number, PHOTO_BYTES));
      tree.touch(place, nowUs + number * DAY_US);
    }
    tree.touch(`${ROOT}/${FILM}`, nowUs + 50 * DAY_US);
  });
  Object.assign(phone.host.ground.link, { upBytesPerS: 50_000 });
  return phone;
}

function numbers({ host }: Phone, sql: string): number[] {
  return host.store.query(sql).map((row) => Number(row["n"]));
}

/** The photos that are synced, by their numbers. */
function syncedPhotos({ host }: Phone): number[] {
  const rows = host.store.query("SELECT name FROM entry WHERE kind = 1 AND state = 0 AND name LIKE '% photo %'");
  return rows.map(({ name }) => Number(String(name).split(" ").at(-1))).sort((a, b) => a - b);
}

/** How many bytes of the film lie in stored blobs. */
function storedOfFilm(phone: Phone): number {
  const sql = `SELECT coalesce(sum(c.sealed), 0) AS n FROM chunk c JOIN blob b ON b.id = c.blob JOIN entry e ON e.id = c.source
    WHERE b.state = 1 AND e.name = '${FILM}'`;
  return numbers(phone, sql)[0] ?? 0;
}

describe("a phone that has ten minutes a day and a film that needs five of them", () => {
  test("sends its forty photos in four days, the newest first, and some of the film each day", () => {
    const phone = pairWithFilmAndPhotos(150_000_000);
    let before = 0;
    for (let day = 1; day <= 4; day++) {
      expect(liveForMs(phone, TEN_MINUTES_MS)).toBe(false);
      const synced = syncedPhotos(phone);
      expect(synced.length).toBeGreaterThanOrEqual(Math.min(40, day * 10 - 3));
      // All but a few, which were read before the second folder was listed.
      const newest = synced.filter((number) => number >= 40 - synced.length);
      expect(newest.length).toBeGreaterThanOrEqual(synced.length - 4);
      const film = storedOfFilm(phone);
      expect(film).toBeGreaterThan(before);
      before = film;
      expect(endLife(phone, 23.8)).toBe(0);
    }
    expect(syncedPhotos(phone)).toHaveLength(40);
    checkGuarantees(phone.host);
  });

  test("sends photos that are taken while the film is half sent on the day on which they are taken", () => {
    const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/${FILM}`, seededContent(1_000, 150_000_000)));
    Object.assign(phone.host.ground.link, { upBytesPerS: 50_000 });
    for (let day = 0; day < 4; day++) {
      if (day > 1) {
        phone.host.ground.tree.write(`${ROOT}/${photoName(day)}`, seededContent(day, PHOTO_BYTES));
        phone.world.clock.advance(60_000);
      }
      liveForMs(phone, TEN_MINUTES_MS);
      endLife(phone, 23.8);
    }
    expect(storedOfFilm(phone)).toBeLessThan(150_000_000);
    expect(syncedPhotos(phone)).toEqual([2, 3]);
  });
});

describe("a phone whose processes end before a second reading", () => {
  test("gets on with the film although small files never end", () => {
    const phone = pairWithFilmAndPhotos(30_000_000);
    let lives = 0;
    while (storedOfFilm(phone) === 0 && lives++ < 12) {
      liveForMs(phone, 120_000);
      endLife(phone, 1);
    }
    expect(storedOfFilm(phone)).toBeGreaterThan(0);
    expect(syncedPhotos(phone).length).toBeLessThan(40);
  });
});

describe("files of the same time", () => {
  test("are read in the order in which they were found", () => {
    const phone = pairPhone(({ ground: { tree } }) => {
      for (let i = 0; i < 5; i++) tree.write(`${ROOT}/${i}`, seededContent(i, 10));
    });
    backUp(phone);
    const named = phone.host.store.query("SELECT e.name FROM chunk c JOIN entry e ON e.id = c.source ORDER BY c.id");
    expect(named.map(({ name }) => name)).toEqual(["0", "1", "2", "3", "4"]);
  });
});
