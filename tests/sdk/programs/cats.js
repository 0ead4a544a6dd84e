// A user's application that hosts actors with the SDK's DaprServer, over HTTP; its port is the only argument. It tells
// what happens to its actors, a JSON object a line.

"use strict";

const express = require("express");
const { Temporal } = require("@js-temporal/polyfill");
const { AbstractActor, CommunicationProtocolEnum, DaprServer } = require("@dapr/dapr");

const silent = { level: 0, service: { error() {}, warn() {}, info() {}, verbose() {}, debug() {} } };
const soon = Temporal.Duration.from({ milliseconds: 50 });
const naps = new Map();
const waiting = [];

function tell(what) {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

class Cat extends AbstractActor {
  get name() {
    return this.getActorId().getId();
  }

  async onActivate() {
    tell({ activated: this.name });
  }

  async onDeactivate() {
    tell({ deactivated: this.name });
  }

  async eat({ meal }) {
    const state = this.getStateManager();
    const [, meals] = await state.tryGetState("meals");
    await state.setState("meal", meal);
    await state.setState("meals", (meals ?? 0) + 1);
    return { id: this.name, ate: meal };
  }

  async recall() {
    const state = this.getStateManager();
    const [, meal] = await state.tryGetState("meal");
    const [, meals] = await state.tryGetState("meals");
    return { meal: meal ?? null, meals: meals ?? null };
  }

  async refuse() {
    throw new Error("no more fish");
  }

  // Two must be here at once.
  async meet() {
    const other = waiting.pop();
    if (other) other();
    else await new Promise((resolve) => waiting.push(resolve));
    return this.name;
  }

  async nap() {
    await this.registerActorTimer("nap", "wake", soon, soon, undefined, "mice");
  }

  async wake(dream) {
    const nap = `${this.name} of ${dream}`;
    naps.set(nap, (naps.get(nap) ?? 0) + 1);
  }

  async naps() {
    return naps.get(`${this.name} of mice`) ?? 0;
  }

  async rise() {
    await this.unregisterActorTimer("nap");
  }

  // What an actor's error says the SDK keeps to itself.
  async remember() {
    return refusal(() => this.registerActorReminder("vet", soon, soon, undefined, "soon"));
  }

  async forget() {
    return refusal(() => this.unregisterActorReminder("vet"));
  }
}

async function refusal(call) {
  try {
    return `none: it gave ${JSON.stringify(await call())}`;
  } catch (error) {
    return `refused: ${error.message}`;
  }
}

// The SDK listens on every address unless it is given an application that does not.
function loopbackOnly() {
  const app = express();
  const listen = app.listen.bind(app);
  app.listen = (number) => listen(number, "127.0.0.1");
  return app;
}

async function main() {
  const server = new DaprServer({
    serverHost: "127.0.0.1",
    serverPort: process.argv[2],
    communicationProtocol: CommunicationProtocolEnum.HTTP,
    serverHttp: loopbackOnly(),
    logger: silent,
    clientOptions: {
      daprHost: "127.0.0.1",
      daprPort: process.env.DAPR_HTTP_PORT,
      logger: silent,
      actor: { actorIdleTimeout: "2s" },
    },
  });
  await server.actor.init();
  await server.actor.registerActor(Cat);
  await server.start();
}

main().catch((error) => { console.error(error); process.exit(1); });
