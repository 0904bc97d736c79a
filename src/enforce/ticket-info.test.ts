import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Identifier } from "../net/identifier.ts";
import { type BanHistory, type TicketFields, TicketInfo } from "./ticket-info.ts";

const TICKET: TicketFields = {
  id: Identifier.parse("10.1.0.0/16"),
  time: 1_795_230_377,
  timeIsInteger: false,
  banTime: 1200.9,
  banCount: 2,
  failures: 3,
  address: null,
  data: {
    matches: ["one", ["Nov 21 ", "10:00", " two"]],
    user: "bob",
    mlfid: "x",
    tuple: ["aa", null],
    fport: "22",
  },
  restored: false,
};

function info(
  fields: Partial<TicketFields> = {},
  history: (address: string, scope: "all" | "jail") => BanHistory | null = () => null,
) {
  const lookups: string[] = [];
  const ticket = new TicketInfo(
    { ...TICKET, ...fields },
    {
      jail: {
        name: "sshd",
        bantime: () => 600,
        banned: () => 1,
        bannedTotal: () => 2,
        found: () => 3,
        foundTotal: () => 4,
      },
      history,
      async reverseLookup(address) {
        lookups.push(address.text);
        return address.text === "192.0.2.1" ? "name.example" : null;
      },
    },
  );
  return { ticket, lookups };
}

describe("TicketInfo", () => {
  it("reverses networks as the reference does", () => {
    assert.equal(info().ticket.value("ip-rev"), "0/16.0.1.10.");
  });

  it("writes times of new bans as floats, of restored ones as integers", () => {
    assert.equal(info().ticket.value("time"), "1795230377.0");
    assert.equal(info({ timeIsInteger: true }).ticket.value("time"), "1795230377");
  });

  it("looks a name up once, and only for addresses", async () => {
    const { ticket, lookups } = info({ id: Identifier.parse("192.0.2.1") });
    assert.deepEqual(await Promise.all([ticket.value("ip-host"), ticket.value("ip-host")]), [
      "name.example",
      "name.example",
    ]);
    assert.deepEqual(lookups, ["192.0.2.1"]);
    const network = info();
    assert.equal(await network.ticket.value("ip-host"), null);
    assert.deepEqual(network.lookups, []);
  });

  it("joins earlier bans of the address", () => {
    const { ticket } = info({}, (address, scope) => ({
      matches: [`${address} from ${scope}`, "x"],
      failures: scope === "all" ? 9 : 5,
    }));
    const tags = ["ipmatches", "ipfailures", "ipjailmatches", "ipjailfailures", "matches", "failures"];
    assert.deepEqual(
      tags.map((tag) => ticket.value(tag)),
      ["10.1.0.0/16 from all\nx", "9", "10.1.0.0/16 from jail\nx", "5", "one\nNov 21 10:00 two", "3"],
    );
  });

  it("gives captured texts", () => {
    const { ticket } = info();
    const tags = ["F-USER", "F-MLFID", "F-PORT", "F-TUPLE", "F-NONE", "F-CONSTRUCTOR", "F-user", "nothing"];
    assert.deepEqual(
      tags.map((tag) => ticket.value(tag)),
      ["bob", "x", "22", "('aa', None)", "", "", undefined, undefined],
    );
  });
});
