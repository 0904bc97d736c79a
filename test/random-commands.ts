import { PyFloat, type PyValue } from "../src/pyvalue/value.ts";

/** Random commands for servers that are compared: valid ones, broken ones, and ones with odd values. */

/** Words that commands are made of. All files named here exist in both servers' folders. */
export interface CommandWorld {
  readonly jails: readonly string[];
  /** The jail that is paused at times. Failures are reported to the others: when they ban is then certain. */
  readonly idler: string;
  /** Folder with `a.log`, `b.log`. */
  readonly folder: string;
}

type Random = () => number;

const ADDRESSES = [
  "203.0.113.1",
  "203.0.113.2",
  "203.0.113.33",
  "198.51.100.7",
  "2001:db8::1",
  "2001:DB8:0:0::5",
  "::ffff:203.0.113.9",
  "198.51.100.0/24",
  "198.51.100.77/24",
  "2001:db8:1::/48",
  "not-an-ip",
  "10.0.0.0/255.255.0.0",
  "",
  "203.0.113.256",
  "1",
];
/** Written as they are shown: the reference takes bans and ignored addresses back only by that text. */
const PLAIN_ADDRESSES = ADDRESSES.filter((ip) => !/^::ffff|DB8|\/255|77\/24/.test(ip));
/** On no ignore list: 1.0.2 does not look at these for attempts. */
const ATTACKERS = ["203.0.113.101", "203.0.113.102", "2001:db8:2::1", "attacker"];
const DURATIONS = ["600", "1h", "1d12h", "-1", "2w", "1mo", "0", "10s", "1h30m", "5 min"];
/** Bans and failures must not end while they are compared: when they do, its threads decide in the reference. */
const LONG_DURATIONS = ["600", "1h", "1d12h", "-1", "2w", "1mo", "1h30m", "x"];
const INTEGERS = ["1", "3", "5", "10", " 7 ", "0", "-2", "1_0"];
const ODD_WORDS = ["", "x", "--all", "0", "ü€", "a b", "-1", "None"];
/** Configuration streams carry numbers as numbers. */
const NUMBERS: readonly PyValue[] = [7, 600, -1, new PyFloat(2.5)];
const REGEXES = [
  "^denied <HOST>$",
  "^fail <ADDR> for <F-USER>\\S+</F-USER>$",
  "^id <F-ID>\\w+</F-ID>",
  "^net <SUBNET>$",
  "^dns <DNS>$",
  "^both <IP4> or <IP6>$",
  "from <HOST>(?: port \\d+)?",
];
const BROKEN_REGEXES = ["", "^nobody$", "( <HOST>", "[a <HOST>", "<HOST> *+?{", "(?P<x>a)(?P<x>b)<HOST>"];
const PLAIN_REGEXES = ["^ignored", "x|y", "^<F-CONTENT>.*</F-CONTENT>$", "for <HOST>"];
const DATE_PATTERNS = [
  "%Y-%m-%d %H:%M:%S",
  "{^LN-BEG}EPOCH",
  "^%b %d %H:%M:%S",
  "Epoch",
  "TAI64N",
  "%d/%b/%Y",
];
const ZONES = ["UTC", "GMT", "Z", "+0200", "UTC+0130", "CEST", "-05", "+05:30", "Mars", "X+9"];
const ENCODINGS = ["utf-8", "latin-1", "ascii", "auto", "no-such-enc", "UTF-16"];
const PROPERTIES = ["actionban", "actionunban", "actionstart", "actioncheck", "timeout", "name", "actname"];
const OWN_PROPERTIES = ["colour", "size", "nosuch", "actionnope"];

/** Makes commands from a source of random numbers; the same source gives the same commands. */
export class RandomCommands {
  readonly #random: Random;
  readonly #world: CommandWorld;

  constructor(random: Random, world: CommandWorld) {
    this.#random = random;
    this.#world = world;
  }

  /** The next command. */
  next(): PyValue[] {
    const command = this.#valid();
    const dice = this.#random();
    if (dice < 0.06) return command.slice(0, -1);
    // What is wrong with growing ban times stays in 1.0.2 and makes all later settings of them fail.
    if (String(command[2]).startsWith("bantime.")) return command;
    if (dice < 0.1) return [...command, this.#pick(ODD_WORDS)];
    if (dice < 0.18 && command.length > 1) {
      const at = 1 + Math.floor(this.#random() * (command.length - 1));
      return command.with(at, this.#pick(ODD_WORDS));
    }
    return command;
  }

  #valid(): PyValue[] {
    const kinds: [weight: number, make: () => PyValue[]][] = [
      [6, () => this.#basic()],
      [8, () => this.#status()],
      [4, () => this.#server()],
      [5, () => this.#lifecycle()],
      [28, () => this.#option()],
      [16, () => this.#bans()],
      [16, () => this.#actions()],
      [5, () => this.#several()],
    ];
    let dice = this.#random() * kinds.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, make] of kinds) {
      dice -= weight;
      if (dice < 0) return make();
    }
    return ["ping"];
  }

  #basic(): PyValue[] {
    return this.#pick<() => PyValue[]>([
      () => ["ping"],
      () => ["ping", "5"],
      () => ["echo", ...this.#some<PyValue>([...ODD_WORDS, ...NUMBERS, null])],
      () => ["server-status"],
      () => ["sleep", this.#pick<PyValue>(["0", "0.001", new PyFloat(0.001), "abc", ""])],
      () => ["config-error", "told"],
      () => ["server-stream", this.#pick<PyValue>([[["ping"]], "ping", [], [["nonsense"]]])],
      () => ["frobnicate", "a"],
      () => [this.#pick(ODD_WORDS)],
      () => ["start"],
      () => ["reload"],
    ])();
  }

  #status(): PyValue[] {
    return this.#pick<() => PyValue[]>([
      () => ["status"],
      () => ["status", this.#jail()],
      () => ["status", this.#jail(), "basic"],
      () => ["status", this.#jail(), "nosuch"],
      () => ["banned"],
      () => ["banned", ...this.#some(ADDRESSES)],
      () => ["status", this.#jail(), "basic", "more"],
    ])();
  }

  #server(): PyValue[] {
    const { folder } = this.#world;
    return this.#pick<() => PyValue[]>([
      () => [
        "get",
        this.#pick(["loglevel", "logtarget", "syslogsocket", "dbfile", "dbpurgeage", "dbmaxmatches"]),
      ],
      () => ["get", this.#pick(["thread", "allowipv6", "nosuch", "idle"])],
      () => ["set", "loglevel", this.#pick(["INFO", "debug", "BOGUS", "20", "notice"])],
      () => [
        "set",
        "logtarget",
        this.#pick([`${folder}/fail2ban.log`, `${folder}/other.log`, "/no/such/dir/x"]),
      ],
      () => ["set", "syslogsocket", this.#pick(["auto", "/dev/log-test"])],
      () => ["set", "dbpurgeage", this.#pick(DURATIONS)],
      () => ["set", "dbmaxmatches", this.#pick<PyValue>([...INTEGERS, 12])],
      () => ["set", "dbfile", this.#pick(["none", `${folder}/second.sqlite3`])],
      () => ["set", "allowipv6", this.#pick(["yes", "no", "auto", "perhaps"])],
      () => ["flushlogs"],
    ])();
  }

  #lifecycle(): PyValue[] {
    const jail = this.#jail();
    return this.#pick<() => PyValue[]>([
      () => ["add", jail, "polling"],
      () => ["add", jail, "polling"],
      () => ["add", jail, "nosuch"],
      () => ["start", jail],
      () => ["start", jail],
      () => ["start", jail],
      () => ["set", this.#world.idler, "idle", this.#pick(["on", "off", "off", "maybe"])],
      () => ["stop", this.#random() < 0.5 ? "nojail" : jail],
    ])();
  }

  #option(): PyValue[] {
    const jail = this.#jail();
    const { folder } = this.#world;
    const integers = ["maxretry", "maxmatches", "maxlines"];
    const read = [
      "findtime",
      "bantime",
      ...integers,
      "ignoreip",
      "ignoreself",
      "ignorecommand",
      "ignorecache",
      "logpath",
    ];
    const more = [
      "logencoding",
      "journalmatch",
      "prefregex",
      "failregex",
      "ignoreregex",
      "usedns",
      "datepattern",
    ];
    const growth = [
      "bantime.increment",
      "bantime.factor",
      "bantime.maxtime",
      "bantime.overalljails",
      "bantime.x",
    ];
    const set = (name: string, ...words: PyValue[]): PyValue[] => ["set", jail, name, ...words];
    return this.#pick<() => PyValue[]>([
      () => ["get", jail, this.#pick([...read, ...more, ...growth, "logtimezone", "nosuch"])],
      () => ["get", jail, this.#pick([...read, ...more, ...growth, "logtimezone", "idle"])],
      () => set("findtime", this.#pick<PyValue>([...LONG_DURATIONS.filter((time) => time !== "-1"), 900])),
      () => set("bantime", this.#pick<PyValue>([...LONG_DURATIONS, 3600, new PyFloat(900.5)])),
      () => set(this.#pick(integers), this.#pick<PyValue>([...INTEGERS, ...NUMBERS])),
      () => set("ignoreself", this.#pick(["true", "false", "on", "0", "maybe"])),
      () => set("addignoreip", ...this.#some(ADDRESSES)),
      () => set("delignoreip", this.#pick(PLAIN_ADDRESSES)),
      () => set("ignorecommand", "/bin/false <ip>"),
      () =>
        set(
          "ignorecache",
          this.#pick(['key="<ip>", max-count=10, max-time=30s', "max-count=1", "", 'key="x"']),
        ),
      () =>
        set(
          "addlogpath",
          `${folder}/${this.#pick(["a.log", "b.log", "none.log"])}`,
          ...this.#some(["head", "tail", "x"]),
        ),
      () => set("dellogpath", `${folder}/${this.#pick(["a.log", "b.log", "none.log"])}`),
      () => set("logencoding", this.#pick(ENCODINGS)),
      () => set(this.#pick(["addjournalmatch", "deljournalmatch"]), "_UNIT=x"),
      () => set("prefregex", this.#pick([...PLAIN_REGEXES, "", "^broken ("])),
      () => set("addfailregex", this.#pick([...REGEXES, ...BROKEN_REGEXES])),
      () => set("addfailregex", this.#pick(REGEXES)),
      () => set("delfailregex", this.#pick(INTEGERS)),
      () => set("addignoreregex", this.#pick([...REGEXES, ...PLAIN_REGEXES, "", "("])),
      () => set("delignoreregex", this.#pick(INTEGERS)),
      () => set("usedns", this.#pick(["yes", "warn", "no", "raw", "RAW", "maybe"])),
      () => set("datepattern", this.#pick(DATE_PATTERNS)),
      () => set("logtimezone", this.#pick(ZONES)),
      () => set("bantime.increment", this.#pick(["true", "false"])),
      () => set("bantime.maxtime", this.#pick(DURATIONS)),
      () => set("bantime.factor", this.#pick(["1", "2", "1.5"])),
      () => set("bantime.multipliers", this.#pick(["1 2 4", "1 5 30", ""])),
      () => set(this.#pick(["bantime.overalljails", "bantime.x"]), "word"),
      () => set("nosuch", "value"),
    ])();
  }

  #bans(): PyValue[] {
    const jail = this.#jail();
    return this.#pick<() => PyValue[]>([
      () => ["set", jail, "banip", ...this.#some(ADDRESSES)],
      () => ["set", jail, "banip", this.#pick(ADDRESSES)],
      () => ["set", jail, "unbanip", ...this.#some([...PLAIN_ADDRESSES, ...ATTACKERS])],
      () => ["set", jail, "unbanip", "--report-absent", ...this.#some([...PLAIN_ADDRESSES, ...ATTACKERS])],
      () => [
        "set",
        this.#runner(),
        "attempt",
        this.#pick(ATTACKERS),
        ...this.#some(["line one", "line two"]),
      ],
      () => ["get", jail, "banned", ...this.#some([...PLAIN_ADDRESSES, ...ATTACKERS])],
      () => ["get", jail, "banip", ...this.#some([", ", "--with-time"])],
      () => ["unban", ...this.#some([...PLAIN_ADDRESSES, ...ATTACKERS])],
      () => ["unban", this.#random() < 0.3 ? "--all" : this.#pick([...PLAIN_ADDRESSES, ...ATTACKERS])],
    ])();
  }

  #actions(): PyValue[] {
    const jail = this.#jail();
    const action = this.#pick(["act", "act", "act", "extra", "nosuch"]);
    const property = this.#pick([...PROPERTIES, ...OWN_PROPERTIES]);
    return this.#pick<() => PyValue[]>([
      () => ["get", jail, "actions"],
      () => ["set", jail, "addaction", this.#pick(["act", "extra"])],
      () => ["set", jail, "delaction", this.#pick(["extra", "nosuch"])],
      () => ["get", jail, "actionproperties", action],
      () => ["get", jail, "actionmethods", action],
      () => ["get", jail, "action", action, property],
      () => ["get", jail, "action", action, property],
      () => ["set", jail, "action", action, property, this.#pick(["true", ":", "60", "word <ip>"])],
      () => ["set", jail, "action", action, "timeout", this.#pick(["10s", "1m", "60", "x"])],
      () => ["set", jail, "action", action, this.#pick(["flush", "reload", "nosuchmethod"])],
      () => ["set", jail, "action", action, "escapeTag", '{"value": "a;b"}'],
      () => [
        "set",
        jail,
        "action",
        action,
        "ban",
        this.#pick(['{"x": 1}', "{oops", '{"a": }', '{"a" 1}', "[1, ", '"a', "x", "{} x", '{"a": 1,}']),
      ],
      () => [
        "multi-set",
        jail,
        "action",
        action,
        [
          ["colour", "red"],
          ["size", "3"],
        ],
      ],
    ])();
  }

  #several(): PyValue[] {
    const jail = this.#jail();
    return this.#pick<() => PyValue[]>([
      () => ["multi-set", jail, "addfailregex", this.#some(REGEXES)],
      () => ["multi-set", jail, "addignoreregex", this.#some(PLAIN_REGEXES)],
      () => ["multi-set", jail, "maxretry", "4"],
      () => ["multi-set", jail, "addfailregex", "^x <HOST>"],
      () => [
        "server-stream",
        [
          ["set", jail, "maxretry", 5],
          ["set", jail, "findtime", "3h"],
        ],
      ],
    ])();
  }

  #jail(): string {
    return this.#random() < 0.06 ? "nojail" : this.#pick(this.#world.jails);
  }

  /** A jail that works. */
  #runner(): string {
    return this.#pick(this.#world.jails.filter((name) => name !== this.#world.idler));
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)]!;
  }

  /** Up to three of them, repetitions included. */
  #some<T>(from: readonly T[]): T[] {
    return Array.from({ length: Math.floor(this.#random() * 4) }, () => this.#pick(from));
  }
}
