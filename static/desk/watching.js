// What supervisors' frames change: open alerts, and to whom a conversation could be given. Pure.

/** Frame type → what it changes in the desk's state. */
export const SUPERVISOR_CHANGES = {
  operators: (state, frame) => ({
    state: { ...state, choices: { conversation: frame.conversation, operators: frame.operators } },
  }),

  "alert.raised"(state, { alert }) {
    const others = state.alerts.filter(({ id }) => id !== alert.id);
    return { state: { ...state, alerts: [alert, ...others] } };
  },

  "alert.ended": (state, frame) => ({
    state: { ...state, alerts: state.alerts.filter(({ id }) => id !== frame.alert) },
  }),

  "alert.seen": (state, frame) => ({
    state: {
      ...state,
      alerts: state.alerts.map((one) => (one.id === frame.alert ? { ...one, seen_by: frame.by.id } : one)),
    },
  }),
};

/** The server's whole list, which repairs what was missed. */
export function withAlerts(state, alerts = []) {
  return JSON.stringify(alerts) === JSON.stringify(state.alerts) ? state : { ...state, alerts };
}
