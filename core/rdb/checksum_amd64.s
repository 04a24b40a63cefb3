#include "textflag.h"

// STEP takes 16 bytes of state past 64 bytes and adds the 16 that stand there.
#define STEP(state, tmp, offset) \
	MOVOA     state, tmp;      \
	PCLMULQDQ $0x00, X8, state; \
	PCLMULQDQ $0x11, X8, tmp;  \
	MOVOU     offset(SI), X9;  \
	PXOR      tmp, state;      \
	PXOR      X9, state

// JOIN takes 16 bytes of state past the next 16 and adds those.
#define JOIN(state, tmp, next) \
	MOVOA     state, tmp;      \
	PCLMULQDQ $0x00, X8, state; \
	PCLMULQDQ $0x11, X8, tmp;  \
	PXOR      tmp, state;      \
	PXOR      state, next

// func fold(sum uint64, p []byte, factors *[4]uint64) (low, high uint64)
TEXT ·fold(SB), NOSPLIT, $0-56
	MOVQ  sum+0(FP), X4
	MOVQ  p_base+8(FP), SI
	MOVQ  p_len+16(FP), CX
	MOVQ  factors+32(FP), DX
	MOVOU (SI), X0
	MOVOU 16(SI), X1
	MOVOU 32(SI), X2
	MOVOU 48(SI), X3
	PXOR  X4, X0
	MOVOU (DX), X8

loop:
	ADDQ $64, SI
	SUBQ $64, CX
	JZ   join
	STEP(X0, X4, 0)
	STEP(X1, X5, 16)
	STEP(X2, X6, 32)
	STEP(X3, X7, 48)
	JMP  loop

join:
	MOVOU 16(DX), X8
	JOIN(X0, X4, X1)
	JOIN(X1, X4, X2)
	JOIN(X2, X4, X3)
	MOVQ  X3, low+40(FP)
	PSRLDQ $8, X3
	MOVQ  X3, high+48(FP)
	RET
