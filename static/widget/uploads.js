// Images on their way up, and down. Both carry the visitor's token in a header: an address alone opens nothing.

const TYPES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/** For the file picker. */
export const ACCEPT = TYPES.join(",");

/** The images among what was picked, pasted or dropped. @param {DataTransfer | {files: FileList}} source */
export function imagesOf(source) {
  return [...(source?.files ?? [])].filter((file) => file.type.startsWith("image/"));
}

/** Why this file cannot be sent, as the key of a phrase; null when it can be tried. */
export function refusal(file, limits) {
  if (!TYPES.includes(file.type)) return "upload.type";
  if (file.size > limits.upload_bytes) return "upload.size";
  return null;
}

/**
 * Sends one image. `onProgress` gets 0 to 1.
 * @returns {{done: Promise<import("../shared/thread.js").Attachment>, cancel: () => void}}  rejects with the server's words
 */
export function upload({ url, token, file, onProgress }) {
  const request = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => {
      if (request.status === 201) resolve(JSON.parse(request.responseText));
      else reject(new Error(messageIn(request.responseText)));
    };
    request.onerror = () => reject(new Error(""));
    request.onabort = () => reject(new Error(""));
    request.open("POST", url);
    request.setRequestHeader("Authorization", `Bearer ${token}`);
    const form = new FormData();
    form.append("file", file, file.name || "image");
    request.send(form);
  });
  return { done, cancel: () => request.abort() };
}

function messageIn(text) {
  try {
    return String(JSON.parse(text).message ?? "");
  } catch {
    return "";
  }
}

/**
 * Images by id, each fetched once and kept as a blob URL while the page lives.
 * @param {{url: string, token: () => Promise<string>}} options
 */
export function openImages({ url, token }) {
  const addresses = new Map();

  async function fetchImage(id) {
    const response = await fetch(`${url}/${encodeURIComponent(id)}`, {
      headers: { Authorization: `Bearer ${await token()}` },
    });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return URL.createObjectURL(await response.blob());
  }

  return {
    /** The sender already has it. */
    remember: (id, address) => addresses.set(id, Promise.resolve(address)),
    /** @returns {Promise<string>} a blob URL; a failure is forgotten, so that it may be tried again */
    get(id) {
      if (!addresses.has(id)) {
        const address = fetchImage(id);
        addresses.set(id, address);
        address.catch(() => addresses.delete(id));
      }
      return addresses.get(id);
    },
  };
}
