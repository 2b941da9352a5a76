import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { wordsOf } from "./notice.tsx";

interface DialogProps {
  title: string;
  children: ComponentChildren;
  onClose(): void;
}

/** Modal: what is behind it takes no focus, and Escape closes it. */
export function Dialog({ title, children, onClose }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  // At once: a key that is pressed next is the dialog's.
  useLayoutEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog ref={element} onClose={onClose} aria-labelledby="dialog-title">
      <h2 id="dialog-title">{title}</h2>
      {children}
    </dialog>
  );
}

export interface Question {
  title: string;
  text: string;
  /** What the button says that does it. */
  action: string;
  act(): Promise<unknown>;
}

/** Asks before something is done that cannot be undone. */
export function Confirm({ question, onClose }: { question: Question; onClose(): void }) {
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: null });
  const act = async () => {
    setState({ busy: true, error: null });
    try {
      await question.act();
      onClose();
    } catch (error) {
      setState({ busy: false, error });
    }
  };
  return (
    <Dialog title={question.title} onClose={onClose}>
      <p>{question.text}</p>
      {state.error !== null && (
        <p class="field-error" role="alert">
          {wordsOf(state.error)}
        </p>
      )}
      <div class="dialog-actions">
        <button type="button" onClick={onClose}>
          Back
        </button>
        <button type="button" class="danger" disabled={state.busy} onClick={act}>
          {question.action}
        </button>
      </div>
    </Dialog>
  );
}

/** A place for questions in a view, and how to ask one. */
export function useConfirm(): [ComponentChildren, (question: Question) => void] {
  const [question, setQuestion] = useState<Question | null>(null);
  const close = () => setQuestion(null);
  return [question === null ? null : <Confirm question={question} onClose={close} />, setQuestion];
}
