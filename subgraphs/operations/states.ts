import { ExceptionState } from '../../entities/operations/ExceptionItem';
import { PostingState } from '../../entities/operations/Posting';

const { PENDING, UNCERTAIN, POSTED, REJECTED, SUPERSEDED } = PostingState;

/** What a posting may go through. What is posted stays posted and is reversed by another document; only a replay doubts it. */
export const POSTING_MOVES = {
  [PENDING]: { post: POSTED, reject: REJECTED, doubt: UNCERTAIN, retry: PENDING, supersede: SUPERSEDED },
  [UNCERTAIN]: { post: POSTED, reject: REJECTED, doubt: UNCERTAIN, retry: UNCERTAIN, supersede: SUPERSEDED },
  [REJECTED]: { retry: PENDING, redate: PENDING, doubt: UNCERTAIN, supersede: SUPERSEDED },
  [POSTED]: { replay: UNCERTAIN },
  [SUPERSEDED]: {},
} as const satisfies Record<PostingState, Partial<Record<string, PostingState>>>;

/** An exception is open until somebody or the end of its cause resolves it; the same cause again reopens it. */
export const EXCEPTION_MOVES = {
  [ExceptionState.OPEN]: { assign: ExceptionState.OPEN, resolve: ExceptionState.RESOLVED, raise: ExceptionState.OPEN },
  [ExceptionState.RESOLVED]: { raise: ExceptionState.OPEN },
} as const satisfies Record<ExceptionState, Partial<Record<string, ExceptionState>>>;
