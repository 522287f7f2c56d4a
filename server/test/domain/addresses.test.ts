import { describe, expect, it } from "vitest";
import { formatNetwork } from "../../src/domain/addresses.ts";

describe("the network that a limit counts by", () => {
  it("P-80 is the first 64 bits of IPv6, however the address is written", () => {
    const one = "2001:db8:0:7::/64";
    for (const address of ["2001:db8:0:7::1", "2001:DB8::7:ffff:0:0:9", "2001:0db8:0000:0007:1:2:3:4"]) {
      expect(formatNetwork(address), address).toBe(one);
    }
    expect(formatNetwork("2001:db8:0:7:1:2:192.0.2.1")).toBe(one);
    expect(formatNetwork("2001:db8:0:8::1")).not.toBe(one);
    expect(formatNetwork("fe80::1%eth0")).toBe("fe80:0:0:0::/64");
    expect(formatNetwork("::1")).toBe("0:0:0:0::/64");
  });

  it("P-80 is the whole address of IPv4, also where IPv6 carries it", () => {
    expect(formatNetwork("192.0.2.1")).toBe("192.0.2.1");
    expect(formatNetwork("::ffff:192.0.2.1")).toBe("192.0.2.1");
    expect(formatNetwork("::ffff:c000:201")).toBe("192.0.2.1");
    expect(formatNetwork("::ffff:192.0.2.2")).not.toBe(formatNetwork("::ffff:192.0.2.1"));
  });
});
