import assert from "node:assert/strict";
import { test } from "node:test";
import { PyError, PyFloat, PyTuple, type PyValue } from "../pyvalue/value.ts";
import { answerAsJson, errorAsJson, takeJson } from "./json-answer.ts";

const pairs = (...items: [string, PyValue][]) => items.map(([label, value]) => new PyTuple(label, value));
const json = (command: string, answer: PyValue) => JSON.parse(answerAsJson(command.split(" "), answer));

test("a status is an object with the labels for names", () => {
  const jail = pairs(
    ["Filter", pairs(["Currently failed", 1])],
    ["Actions", pairs(["Banned IP list", ["a", "b"]])],
  );
  const object = { Filter: { "Currently failed": 1 }, Actions: { "Banned IP list": ["a", "b"] } };
  assert.deepEqual(json("status sshd", jail), object);
  const server = pairs(["Number of jail", 2], ["Jail list", "a, b"]);
  assert.deepEqual(json("status", server), { "Number of jail": 2, "Jail list": ["a", "b"] });
  assert.deepEqual(json("status --all", [...server, new Map([["a", jail]])]), {
    "Number of jail": 2,
    "Jail list": ["a", "b"],
    Jails: { a: object },
  });
  assert.deepEqual(json("status", pairs(["Number of jail", 0], ["Jail list", ""]))["Jail list"], []);
});

test("statistics have names for their columns", () => {
  const stats = ["polling", new PyTuple(1, 2), new PyTuple(3, 4)];
  const object = { backend: "polling", failed: { current: 1, total: 2 }, banned: { current: 3, total: 4 } };
  assert.deepEqual(json("stats", new Map([["sshd", stats]])), { sshd: object });
  assert.deepEqual(json("status sshd stats", stats), object);
});

test("other answers are what they are", () => {
  assert.deepEqual(json("banned", [new Map([["a", ["x"]]]), new Map([["b", []]])]), { a: ["x"], b: [] });
  assert.deepEqual(json("banned x", [["a"]]), [["a"]]);
  assert.equal(answerAsJson(["get", "a", "findtime"], new PyFloat(600)), "600.0");
  assert.deepEqual(JSON.parse(errorAsJson(new PyError("x", "UnknownJailException", ["a"]))), {
    error: { class: "UnknownJailException", message: "a" },
  });
});

test("--json belongs to commands that ask", () => {
  assert.deepEqual(takeJson(["get", "a", "banip", "--json"]), { words: ["get", "a", "banip"], json: true });
  assert.deepEqual(takeJson(["echo", "--json"]), { words: ["echo", "--json"], json: false });
});
