"""Stub."""

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse

router = APIRouter()


def refusal_page(request: Request, refusal):
    return PlainTextResponse(refusal.detail)
