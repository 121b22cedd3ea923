// The images that will go along with the next message, while they are on their way up.

import { refusal, upload } from "./uploads.js";

/**
 * @typedef {{key: string, name: string, preview: string, progress: number, problem: string,
 *   attachment: import("../shared/thread.js").Attachment | null, cancel: () => void}} TrayItem
 *
 * @param {object} options
 * @param {string} options.url
 * @param {() => Promise<string>} options.token
 * @param {{upload_bytes: number, attachments: number}} options.limits
 * @param {{remember: (id: string, address: string) => void}} options.images
 * @param {(key: string) => string} options.say
 * @param {() => void} options.onChange
 */
export function openTray({ url, token, limits, images, say, onChange }) {
  /** @type {TrayItem[]} */
  let items = [];
  let count = 0;

  function change(key, fields) {
    items = items.map((item) => (item.key === key ? { ...item, ...fields } : item));
    onChange();
  }

  async function begin(item, file) {
    try {
      const running = upload({ url, token: await token(), file, onProgress: (progress) => change(item.key, { progress }) });
      change(item.key, { cancel: running.cancel });
      const attachment = await running.done;
      images.remember(attachment.id, item.preview);
      change(item.key, { attachment });
    } catch (error) {
      change(item.key, { problem: error.message || say("upload.failed") });
    }
  }

  return {
    get items() {
      return items;
    },
    /** Everything in it has arrived; what failed must be removed first. */
    get settled() {
      return items.every((item) => item.attachment !== null);
    },
    /** @param {File[]} files */
    add(files) {
      for (const file of files.slice(0, limits.attachments - items.length)) {
        count += 1;
        const problem = refusal(file, limits);
        const item = {
          key: `image-${count}`,
          name: file.name,
          preview: URL.createObjectURL(file),
          progress: 0,
          problem: problem ? say(problem) : "",
          attachment: null,
          cancel: () => {},
        };
        items = [...items, item];
        if (!problem) begin(item, file);
      }
      onChange();
    },
    remove(key) {
      items.find((item) => item.key === key)?.cancel();
      items = items.filter((item) => item.key !== key);
      onChange();
    },
    /** Empties it into a message. */
    take() {
      const attachments = items.map((item) => item.attachment);
      items = [];
      return attachments;
    },
  };
}
