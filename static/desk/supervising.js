// What a supervisor does beside answering: reads along, whispers, takes over, gives away, closes, sees to alerts.

import { newCid } from "../shared/outbox.js";
import { unwatch, watch } from "./state.js";

/** `#watch/acme/0190…` in the address: the wallboard leads here. */
const PLACE = /^#watch\/([\w-]+)\/([\da-f-]{36})$/;

/**
 * @param {object} options
 * @param {() => import("./state.js").Desk} options.desk  as it is now
 * @param {(change: object) => void} options.take  takes over a new state of the desk
 * @param {(frame: object) => void} options.send  says so itself when there is no connection
 * @param {{add: (frame: object) => void, all: () => object[]}} options.outbox
 */
export function openSupervising({ desk, take, send, outbox }) {
  const address = (conversation) => ({ organisation: desk().places.get(conversation), conversation });

  /** Unless it is on its way already. */
  function add(type, conversation, more = {}) {
    const isAsked = outbox.all().some(({ frame }) => frame.type === type && frame.conversation === conversation);
    if (!isAsked || type === "whisper.add") outbox.add({ type, ...address(conversation), cid: newCid(), ...more });
  }

  return {
    /** After a welcome: what the address asks for. True when that was something to watch. */
    followAddress() {
      const found = PLACE.exec(location.hash);
      if (!found || !desk().supervises) return false;
      const [, organisation, conversation] = found;
      if (!desk().watched.has(conversation)) this.watch(organisation, conversation);
      return true;
    },
    watch(organisation, conversation) {
      history.replaceState(null, "", `#watch/${organisation}/${conversation}`);
      take(watch(desk(), conversation, organisation, Date.now()));
    },
    unwatch(conversation) {
      history.replaceState(null, "", location.pathname);
      take(unwatch(desk(), conversation, Date.now()));
    },
    isWatching: (conversation) => desk().watched.has(conversation),
    whisper: (conversation, body) => add("whisper.add", conversation, { body }),
    takeOver: (conversation) => add("conversation.take_over", conversation),
    reassign: (conversation, operator) => add("conversation.reassign", conversation, { operator }),
    close: (conversation, purpose) => add("conversation.close", conversation, { purpose }),
    fetchOperators: (conversation) => send({ type: "operators.fetch", ...address(conversation) }),
    acknowledge: (alert) => send({ type: "alert.acknowledge", alert }),
  };
}
